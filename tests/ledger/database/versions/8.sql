CREATE TABLE campaigns (
    id SERIAL NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (id),
    UNIQUE (name)
);
CREATE TABLE meta (
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (name)
);
CREATE TABLE suppressed (
    digest TEXT NOT NULL,
    campaign_id INTEGER NOT NULL,
    ending TEXT NOT NULL,
    reason TEXT NOT NULL,
    added_at_ms BIGINT NOT NULL,
    is_of_row BOOLEAN DEFAULT false NOT NULL,
    PRIMARY KEY (digest, campaign_id)
);
CREATE TABLE called (
    campaign_id INTEGER NOT NULL,
    digest TEXT NOT NULL,
    PRIMARY KEY (campaign_id, digest),
    FOREIGN KEY(campaign_id) REFERENCES campaigns (id)
);
CREATE TABLE result_columns (
    campaign_id INTEGER NOT NULL,
    name TEXT NOT NULL,
    position INTEGER NOT NULL,
    PRIMARY KEY (campaign_id, name),
    FOREIGN KEY(campaign_id) REFERENCES campaigns (id)
);
CREATE TABLE sheets (
    id SERIAL NOT NULL,
    campaign_id INTEGER NOT NULL,
    file TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    header TEXT NOT NULL,
    row_count INTEGER,
    PRIMARY KEY (id),
    UNIQUE (campaign_id, sha256),
    FOREIGN KEY(campaign_id) REFERENCES campaigns (id)
);
CREATE TABLE runs (
    id TEXT NOT NULL,
    campaign_id INTEGER NOT NULL,
    sheet_id INTEGER NOT NULL,
    started_at_ms BIGINT NOT NULL,
    ended_at_ms BIGINT,
    exit_code INTEGER,
    stop TEXT,
    facts TEXT NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY(campaign_id) REFERENCES campaigns (id),
    FOREIGN KEY(sheet_id) REFERENCES sheets (id)
);
CREATE INDEX runs_of_campaign ON runs (campaign_id, started_at_ms);
CREATE TABLE sheet_rows (
    sheet_id INTEGER NOT NULL,
    "row" INTEGER NOT NULL,
    cells TEXT NOT NULL,
    PRIMARY KEY (sheet_id, "row"),
    FOREIGN KEY(sheet_id) REFERENCES sheets (id)
);
CREATE TABLE contacts (
    id SERIAL NOT NULL,
    campaign_id INTEGER NOT NULL,
    "key" TEXT NOT NULL,
    phone TEXT NOT NULL,
    number_digest TEXT NOT NULL,
    zones TEXT NOT NULL,
    regions TEXT DEFAULT '' NOT NULL,
    payload TEXT NOT NULL,
    state TEXT NOT NULL,
    planned_in TEXT,
    slot_ms BIGINT,
    not_before_ms BIGINT,
    attempts INTEGER NOT NULL,
    budget_from INTEGER DEFAULT '0' NOT NULL,
    mended_at INTEGER DEFAULT '0' NOT NULL,
    replaced_by INTEGER,
    is_mended BOOLEAN DEFAULT false NOT NULL,
    reason TEXT NOT NULL,
    message TEXT NOT NULL,
    call_id TEXT,
    PRIMARY KEY (id),
    UNIQUE (campaign_id, "key"),
    CONSTRAINT state_is_known CHECK (state IN ('pending', 'claimed', 'created', 'failed', 'unknown')),
    CONSTRAINT created_has_an_id CHECK ((state = 'created') = (call_id IS NOT NULL)),
    FOREIGN KEY(campaign_id) REFERENCES campaigns (id),
    FOREIGN KEY(planned_in) REFERENCES runs (id)
);
CREATE INDEX contacts_to_claim ON contacts (planned_in, slot_ms);
CREATE TABLE attempts (
    contact_id INTEGER NOT NULL,
    number INTEGER NOT NULL,
    run_id TEXT NOT NULL,
    phone TEXT NOT NULL,
    slot_ms BIGINT NOT NULL,
    claimed_at_ms BIGINT NOT NULL,
    settled_at_ms BIGINT,
    outcome TEXT,
    left_state TEXT,
    reason TEXT NOT NULL,
    message TEXT NOT NULL,
    http_status INTEGER,
    call_id TEXT,
    PRIMARY KEY (contact_id, number),
    CONSTRAINT one_instant_a_number UNIQUE (phone, slot_ms),
    CONSTRAINT outcome_is_known CHECK (outcome IN ('created', 'refused', 'not_sent', 'unknown')),
    CONSTRAINT left_state_is_known CHECK (left_state IN ('pending', 'created', 'failed', 'unknown')),
    CONSTRAINT settled_as_a_whole CHECK ((outcome IS NULL) = (left_state IS NULL)),
    CONSTRAINT created_attempt_has_an_id CHECK (outcome IS NULL OR (outcome = 'created') = (call_id IS NOT NULL)),
    FOREIGN KEY(contact_id) REFERENCES contacts (id),
    FOREIGN KEY(run_id) REFERENCES runs (id)
);
CREATE INDEX attempts_of_call ON attempts (call_id) WHERE call_id IS NOT NULL;
CREATE INDEX attempts_of_run ON attempts (run_id, contact_id);
CREATE INDEX attempts_open ON attempts (outcome) WHERE outcome IS NULL;
CREATE TABLE run_rows (
    run_id TEXT NOT NULL,
    "row" INTEGER NOT NULL,
    contact_id INTEGER,
    status TEXT NOT NULL,
    reason TEXT NOT NULL,
    message TEXT NOT NULL,
    phone TEXT,
    PRIMARY KEY (run_id, "row"),
    FOREIGN KEY(run_id) REFERENCES runs (id),
    FOREIGN KEY(contact_id) REFERENCES contacts (id)
);
CREATE INDEX run_rows_of_contact ON run_rows (contact_id);
CREATE TABLE dispositions (
    contact_id INTEGER NOT NULL,
    number INTEGER NOT NULL,
    call_id TEXT NOT NULL,
    status TEXT NOT NULL,
    is_final BOOLEAN NOT NULL,
    status_code TEXT NOT NULL,
    call_later_ms BIGINT,
    duration_seconds FLOAT,
    triggered_at_ms BIGINT,
    started_at_ms BIGINT,
    ended_at_ms BIGINT,
    results TEXT NOT NULL,
    recording_url TEXT NOT NULL,
    seen_at_ms BIGINT NOT NULL,
    PRIMARY KEY (contact_id, number),
    FOREIGN KEY(contact_id, number) REFERENCES attempts (contact_id, number)
);

CREATE TABLE contact_numbers (
    contact_id INTEGER NOT NULL,
    digest TEXT NOT NULL,
    PRIMARY KEY (contact_id, digest),
    FOREIGN KEY(contact_id) REFERENCES contacts (id)
);
CREATE INDEX contact_numbers_by_digest ON contact_numbers (digest);
CREATE TABLE locks (
    name TEXT NOT NULL,
    epoch BIGINT NOT NULL,
    holder TEXT NOT NULL,
    run_id TEXT,
    PRIMARY KEY (name)
);
INSERT INTO locks (name, epoch, holder) VALUES ('campaign spring', 2, 'a run of spring');
INSERT INTO campaigns (id, name) VALUES (1, 'spring');
INSERT INTO campaigns (id, name) VALUES (2, 'winter');
INSERT INTO meta (name, value) VALUES ('hash_key', 'd3c7de69be0e9117ca8386dd9984f0ea54e2bede72e889921be6aec8ed6c33ff');
INSERT INTO meta (name, value) VALUES ('schema_version', '8');
INSERT INTO suppressed (digest, campaign_id, ending, reason, added_at_ms) VALUES ('34d0b3fd7160276afe85911c047370f174a81807a26d8074a1092a09cd2a0290', 0, '07', 'asked not to be called', 1795453200000);
INSERT INTO called (campaign_id, digest) VALUES (2, '9a107be828bc6d7fd0a6bb89189186f3ddeca0e1b1bd02ddfb11a5a2dab21c71');
INSERT INTO result_columns (campaign_id, name, position) VALUES (1, 'interest', 0);
INSERT INTO sheets (id, campaign_id, file, sha256, header, row_count) VALUES (1, 1, 'contacts.csv', 'spring', '["Name","Phone"]', 11);
INSERT INTO sheets (id, campaign_id, file, sha256, header, row_count) VALUES (2, 2, '', 'purged 2', '[]', 2);
INSERT INTO runs (id, campaign_id, sheet_id, started_at_ms, ended_at_ms, exit_code, stop, facts) VALUES ('r1', 1, 1, 1795453140000, 1795453260000, 5, 'interrupted', '{"host":"desk","limit":null,"key":["phone"],"address":"https://api.example.com","call_template_id":"t"}');
INSERT INTO runs (id, campaign_id, sheet_id, started_at_ms, ended_at_ms, exit_code, stop, facts) VALUES ('r2', 1, 1, 1795456800000, NULL, NULL, NULL, '{"host":"desk","limit":null,"key":["phone"],"address":"https://api.example.com","call_template_id":"t"}');
INSERT INTO runs (id, campaign_id, sheet_id, started_at_ms, ended_at_ms, exit_code, stop, facts) VALUES ('w1', 2, 2, 1795453200000, NULL, NULL, NULL, '{"host":"desk","limit":null,"key":["phone"],"address":"https://api.example.com","call_template_id":"t","purged":{"rows":2,"created":1}}');
INSERT INTO sheet_rows (sheet_id, row, cells) VALUES (1, 2, '["Person 2","+12125550102"]');
INSERT INTO sheet_rows (sheet_id, row, cells) VALUES (1, 3, '["Person 3","+12125550103"]');
INSERT INTO sheet_rows (sheet_id, row, cells) VALUES (1, 4, '["Person 4","+12125550104"]');
INSERT INTO sheet_rows (sheet_id, row, cells) VALUES (1, 5, '["Person 5","+12125550105"]');
INSERT INTO sheet_rows (sheet_id, row, cells) VALUES (1, 6, '["Person 6","+12125550106"]');
INSERT INTO sheet_rows (sheet_id, row, cells) VALUES (1, 7, '["Person 7","+12125550107"]');
INSERT INTO sheet_rows (sheet_id, row, cells) VALUES (1, 8, '["Person 8","+12125550108"]');
INSERT INTO sheet_rows (sheet_id, row, cells) VALUES (1, 9, '["Person 9","+12125550109"]');
INSERT INTO sheet_rows (sheet_id, row, cells) VALUES (1, 10, '["Person 10","+12125550110"]');
INSERT INTO sheet_rows (sheet_id, row, cells) VALUES (1, 11, '["Person 11","+12125550111"]');
INSERT INTO sheet_rows (sheet_id, row, cells) VALUES (1, 12, '["",""]');
INSERT INTO contacts (id, campaign_id, "key", phone, number_digest, zones, regions, payload, state, planned_in, slot_ms, not_before_ms, attempts, budget_from, mended_at, replaced_by, reason, message, call_id) VALUES (1, 1, '+12125550102', '+12125550102', '7c752a4047c1e104d6e05fbbbc87c8df5038c1f1648fba85de89f8eb88be7a0f', 'America/New_York', 'US|US-NY', '{"nameOfHuman":"Person 2","toPhoneNumber":"+12125550102","promptVariableValues":[]}', 'created', NULL, 1795453200000, NULL, 1, 0, 0, NULL, '', '', 'call-1');
INSERT INTO contacts (id, campaign_id, "key", phone, number_digest, zones, regions, payload, state, planned_in, slot_ms, not_before_ms, attempts, budget_from, mended_at, replaced_by, reason, message, call_id) VALUES (2, 1, '+12125550103', '+12125550103', '4f696ebc8a72ebbb2c21737bc0d2066806bbc60d829aceb9f8e36e918c005084', 'America/New_York', 'US|US-NY', '{"nameOfHuman":"Person 3","toPhoneNumber":"+12125550103","promptVariableValues":[]}', 'failed', NULL, 1795456900000, NULL, 2, 0, 0, NULL, 'api_400', 'Refused.', NULL);
INSERT INTO contacts (id, campaign_id, "key", phone, number_digest, zones, regions, payload, state, planned_in, slot_ms, not_before_ms, attempts, budget_from, mended_at, replaced_by, reason, message, call_id) VALUES (3, 1, '+12125550104', '+12125550104', '4e6c66aa31df99f0e1e5993be1c9bb9c4daf2b47cc90b8b415fdf43e88381c42', 'America/New_York', 'US|US-NY', '{"nameOfHuman":"Person 4","toPhoneNumber":"+12125550104","promptVariableValues":[]}', 'unknown', NULL, 1795453202000, NULL, 2, 0, 0, NULL, 'no_reply', 'No reply.', NULL);
INSERT INTO contacts (id, campaign_id, "key", phone, number_digest, zones, regions, payload, state, planned_in, slot_ms, not_before_ms, attempts, budget_from, mended_at, replaced_by, reason, message, call_id) VALUES (4, 1, '+12125550105', '+12125550105', '3d1e3eac635e1a67a69ecefd2710b03cc75b125fa199365ab7e3e32b5d05d237', 'America/New_York', 'US|US-NY', '{"nameOfHuman":"Person 5","toPhoneNumber":"+12125550105","promptVariableValues":[]}', 'unknown', NULL, 1795453203000, NULL, 1, 0, 0, NULL, 'no_reply', 'No reply.', NULL);
INSERT INTO contacts (id, campaign_id, "key", phone, number_digest, zones, regions, payload, state, planned_in, slot_ms, not_before_ms, attempts, budget_from, mended_at, replaced_by, reason, message, call_id) VALUES (5, 1, '+12125550106', '+12125550106', '20ffd7ff599dce46f772fdbb6d95937ac537e6f7a52216088f28e0163f064c04', 'America/New_York', 'US|US-NY', '{"nameOfHuman":"Person 6","toPhoneNumber":"+12125550106","promptVariableValues":[]}', 'claimed', 'r1', 1795453204000, NULL, 1, 0, 0, NULL, '', '', NULL);
INSERT INTO contacts (id, campaign_id, "key", phone, number_digest, zones, regions, payload, state, planned_in, slot_ms, not_before_ms, attempts, budget_from, mended_at, replaced_by, reason, message, call_id) VALUES (6, 1, '+12125550107', '+12125550107', '34d0b3fd7160276afe85911c047370f174a81807a26d8074a1092a09cd2a0290', 'America/New_York', 'US|US-NY', '{"nameOfHuman":"Person 7","toPhoneNumber":"+12125550107","promptVariableValues":[]}', 'pending', 'r2', 1795456901000, NULL, 0, 0, 0, NULL, '', '', NULL);
INSERT INTO contacts (id, campaign_id, "key", phone, number_digest, zones, regions, payload, state, planned_in, slot_ms, not_before_ms, attempts, budget_from, mended_at, replaced_by, reason, message, call_id) VALUES (7, 1, '+12125550108', '+12125550108', 'efad66c9c105b457800fc63f8a1e91b5762239d2103672300be1a094ff187b07', 'America/New_York', 'US|US-NY', '{"nameOfHuman":"Person 8","toPhoneNumber":"+12125550108","promptVariableValues":[]}', 'pending', 'r2', 1795456902000, NULL, 1, 0, 0, NULL, 'not_sent', 'Not sent.', NULL);
INSERT INTO contacts (id, campaign_id, "key", phone, number_digest, zones, regions, payload, state, planned_in, slot_ms, not_before_ms, attempts, budget_from, mended_at, replaced_by, reason, message, call_id) VALUES (9, 1, '+12125550110', '+12125550110', '8bd654a8ad7b18975265b618c522502a5c5a5c9ab084627dd14ecbc91bf1e8ce', 'America/New_York', 'US|US-NY', '{"nameOfHuman":"Person 10","toPhoneNumber":"+12125550110","promptVariableValues":[]}', 'pending', NULL, NULL, 1795453261000, 1, 0, 0, NULL, '', '', NULL);
INSERT INTO contacts (id, campaign_id, "key", phone, number_digest, zones, regions, payload, state, planned_in, slot_ms, not_before_ms, attempts, budget_from, mended_at, replaced_by, reason, message, call_id) VALUES (10, 1, '+12125550111', '+12125550111', 'b05466188f77a6d0118a9e8b9e9bd1db98b7208971250109cda261997300eadc', 'America/New_York', 'US|US-NY', '{"nameOfHuman":"Person 11","toPhoneNumber":"+12125550111","promptVariableValues":[]}', 'pending', 'r2', 1795456904000, NULL, 0, 0, 0, NULL, '', '', NULL);
INSERT INTO contacts (id, campaign_id, "key", phone, number_digest, zones, regions, payload, state, planned_in, slot_ms, not_before_ms, attempts, budget_from, mended_at, replaced_by, reason, message, call_id) VALUES (8, 1, '+12125550109', '+12125550109', 'c2d0e059226424a2ccd7a8d2b48c90122eb7c71aa4fcf729ae7cd73650ef7728', 'America/New_York', 'US|US-NY', '{"nameOfHuman":"Person 9","toPhoneNumber":"+12125550109","promptVariableValues":[]}', 'failed', NULL, 1795456903000, NULL, 1, 0, 0, 10, 'not_sent', 'Not sent.', NULL);
INSERT INTO attempts (contact_id, number, run_id, phone, slot_ms, claimed_at_ms, settled_at_ms, outcome, left_state, reason, message, http_status, call_id) VALUES (1, 1, 'r1', '+12125550102', 1795453200000, 1795453200000, 1795453200500, 'created', 'created', '', '', 200, 'call-1');
INSERT INTO attempts (contact_id, number, run_id, phone, slot_ms, claimed_at_ms, settled_at_ms, outcome, left_state, reason, message, http_status, call_id) VALUES (2, 1, 'r1', '+12125550103', 1795453201000, 1795453200000, 1795453200500, 'refused', 'failed', 'api_400', 'Refused.', 400, NULL);
INSERT INTO attempts (contact_id, number, run_id, phone, slot_ms, claimed_at_ms, settled_at_ms, outcome, left_state, reason, message, http_status, call_id) VALUES (2, 2, 'r2', '+12125550103', 1795456900000, 1795453200000, 1795453200500, 'refused', 'failed', 'api_400', 'Refused.', 400, NULL);
INSERT INTO attempts (contact_id, number, run_id, phone, slot_ms, claimed_at_ms, settled_at_ms, outcome, left_state, reason, message, http_status, call_id) VALUES (3, 1, 'r1', '+12125550104', 1795453202000, 1795453200000, 1795453200500, 'not_sent', 'pending', 'not_sent', 'Not sent.', NULL, NULL);
INSERT INTO attempts (contact_id, number, run_id, phone, slot_ms, claimed_at_ms, settled_at_ms, outcome, left_state, reason, message, http_status, call_id) VALUES (3, 2, 'r1', '+12125550104', 1795453202001, 1795453200000, 1795453200500, 'unknown', 'unknown', 'no_reply', 'No reply.', NULL, NULL);
INSERT INTO attempts (contact_id, number, run_id, phone, slot_ms, claimed_at_ms, settled_at_ms, outcome, left_state, reason, message, http_status, call_id) VALUES (4, 1, 'r1', '+12125550105', 1795453203000, 1795453200000, 1795453200500, 'unknown', 'unknown', 'no_reply', 'No reply.', NULL, NULL);
INSERT INTO attempts (contact_id, number, run_id, phone, slot_ms, claimed_at_ms, settled_at_ms, outcome, left_state, reason, message, http_status, call_id) VALUES (5, 1, 'r1', '+12125550106', 1795453204000, 1795453200000, NULL, NULL, NULL, '', '', NULL, NULL);
INSERT INTO attempts (contact_id, number, run_id, phone, slot_ms, claimed_at_ms, settled_at_ms, outcome, left_state, reason, message, http_status, call_id) VALUES (7, 1, 'r1', '+12125550108', 1795453206000, 1795453200000, 1795453200500, 'not_sent', 'pending', 'not_sent', 'Not sent.', NULL, NULL);
INSERT INTO attempts (contact_id, number, run_id, phone, slot_ms, claimed_at_ms, settled_at_ms, outcome, left_state, reason, message, http_status, call_id) VALUES (8, 1, 'r1', '+12125550109', 1795453207000, 1795453200000, 1795453200500, 'not_sent', 'failed', 'not_sent', 'Not sent.', NULL, NULL);
INSERT INTO attempts (contact_id, number, run_id, phone, slot_ms, claimed_at_ms, settled_at_ms, outcome, left_state, reason, message, http_status, call_id) VALUES (9, 1, 'r1', '+12125550110', 1795453208000, 1795453200000, 1795453200500, 'created', 'created', '', '', 200, 'call-9');
INSERT INTO run_rows (run_id, row, contact_id, status, reason, message, phone) VALUES ('r1', 2, 1, 'pending', 'waiting', '', '+12125550102');
INSERT INTO run_rows (run_id, row, contact_id, status, reason, message, phone) VALUES ('r1', 3, 2, 'pending', 'waiting', '', '+12125550103');
INSERT INTO run_rows (run_id, row, contact_id, status, reason, message, phone) VALUES ('r1', 4, 3, 'pending', 'waiting', '', '+12125550104');
INSERT INTO run_rows (run_id, row, contact_id, status, reason, message, phone) VALUES ('r1', 5, 4, 'pending', 'waiting', '', '+12125550105');
INSERT INTO run_rows (run_id, row, contact_id, status, reason, message, phone) VALUES ('r1', 6, 5, 'pending', 'waiting', '', '+12125550106');
INSERT INTO run_rows (run_id, row, contact_id, status, reason, message, phone) VALUES ('r1', 7, 6, 'pending', 'stopped', '', '+12125550107');
INSERT INTO run_rows (run_id, row, contact_id, status, reason, message, phone) VALUES ('r1', 8, 7, 'pending', 'waiting', '', '+12125550108');
INSERT INTO run_rows (run_id, row, contact_id, status, reason, message, phone) VALUES ('r1', 9, 8, 'pending', 'waiting', '', '+12125550109');
INSERT INTO run_rows (run_id, row, contact_id, status, reason, message, phone) VALUES ('r1', 10, 9, 'pending', 'waiting', '', '+12125550110');
INSERT INTO run_rows (run_id, row, contact_id, status, reason, message, phone) VALUES ('r1', 11, 10, 'pending', 'stopped', '', '+12125550111');
INSERT INTO run_rows (run_id, row, contact_id, status, reason, message, phone) VALUES ('r1', 12, NULL, 'rejected', 'phone_missing', 'The phone cell is empty.', NULL);
INSERT INTO run_rows (run_id, row, contact_id, status, reason, message, phone) VALUES ('r2', 2, 1, 'skipped', 'already_created', 'An earlier run created this call; it is not created again.', '+12125550102');
INSERT INTO run_rows (run_id, row, contact_id, status, reason, message, phone) VALUES ('r2', 3, 2, 'pending', 'waiting', '', '+12125550103');
INSERT INTO run_rows (run_id, row, contact_id, status, reason, message, phone) VALUES ('r2', 4, 3, 'unknown', 'no_reply', 'No reply.', '+12125550104');
INSERT INTO run_rows (run_id, row, contact_id, status, reason, message, phone) VALUES ('r2', 5, 4, 'unknown', 'no_reply', 'No reply.', '+12125550105');
INSERT INTO run_rows (run_id, row, contact_id, status, reason, message, phone) VALUES ('r2', 6, 5, 'unknown', 'interrupted', 'The run ended after this call was claimed and before its outcome was known. The call may exist.', '+12125550106');
INSERT INTO run_rows (run_id, row, contact_id, status, reason, message, phone) VALUES ('r2', 7, 6, 'pending', 'waiting', '', '+12125550107');
INSERT INTO run_rows (run_id, row, contact_id, status, reason, message, phone) VALUES ('r2', 8, 7, 'pending', 'waiting', '', '+12125550108');
INSERT INTO run_rows (run_id, row, contact_id, status, reason, message, phone) VALUES ('r2', 9, 10, 'pending', 'waiting', '', '+12125550109');
INSERT INTO run_rows (run_id, row, contact_id, status, reason, message, phone) VALUES ('r2', 10, 9, 'skipped', 'already_created', 'An earlier run created this call; it is not created again.', '+12125550110');
INSERT INTO run_rows (run_id, row, contact_id, status, reason, message, phone) VALUES ('r2', 11, 10, 'pending', 'waiting', '', '+12125550111');
INSERT INTO run_rows (run_id, row, contact_id, status, reason, message, phone) VALUES ('r2', 12, NULL, 'rejected', 'phone_missing', 'The phone cell is empty.', NULL);
INSERT INTO dispositions (contact_id, number, call_id, status, is_final, status_code, call_later_ms, duration_seconds, triggered_at_ms, started_at_ms, ended_at_ms, results, recording_url, seen_at_ms) VALUES (1, 1, 'call-1', 'completed', false, '', NULL, NULL, NULL, NULL, 1795453260000, '[["interest","yes"]]', '', 1795453320000);
INSERT INTO dispositions (contact_id, number, call_id, status, is_final, status_code, call_later_ms, duration_seconds, triggered_at_ms, started_at_ms, ended_at_ms, results, recording_url, seen_at_ms) VALUES (9, 1, 'call-9', 'noAnswer', true, '', NULL, NULL, NULL, NULL, 1795453260000, '[]', '', 1795453320000);
CREATE TABLE campaign_places (
	campaign_id INTEGER NOT NULL,
	uid TEXT NOT NULL,
	file TEXT NOT NULL,
	host TEXT NOT NULL,
	must_look BOOLEAN NOT NULL,
	PRIMARY KEY (campaign_id),
	FOREIGN KEY(campaign_id) REFERENCES campaigns (id)
);
CREATE TABLE called_elsewhere (
	campaign_id INTEGER NOT NULL,
	digest TEXT NOT NULL,
	PRIMARY KEY (campaign_id, digest),
	FOREIGN KEY(campaign_id) REFERENCES campaigns (id)
);
INSERT INTO campaign_places (campaign_id, uid, file, host, must_look) SELECT id, '', '', '', false FROM campaigns;
CREATE TABLE mends (
	campaign_id INTEGER NOT NULL,
	"row" INTEGER NOT NULL,
	digest TEXT NOT NULL,
	became TEXT NOT NULL,
	contact_id INTEGER,
	PRIMARY KEY (campaign_id, "row", digest),
	FOREIGN KEY(campaign_id) REFERENCES campaigns (id)
);
CREATE TABLE paused_campaigns (
	campaign_id INTEGER NOT NULL,
	since_ms BIGINT NOT NULL,
	asked_by TEXT NOT NULL,
	PRIMARY KEY (campaign_id),
	FOREIGN KEY(campaign_id) REFERENCES campaigns (id)
);
CREATE TABLE stop_requests (
	run_id TEXT NOT NULL,
	asked_at_ms BIGINT NOT NULL,
	asked_by TEXT NOT NULL,
	PRIMARY KEY (run_id),
	FOREIGN KEY(run_id) REFERENCES runs (id)
);
CREATE TABLE pauses (
	run_id TEXT NOT NULL,
	from_ms BIGINT NOT NULL,
	reason TEXT NOT NULL,
	until_ms BIGINT,
	message TEXT NOT NULL,
	PRIMARY KEY (run_id, from_ms, reason),
	FOREIGN KEY(run_id) REFERENCES runs (id)
);
INSERT INTO stop_requests (run_id, asked_at_ms, asked_by) VALUES ('r2', 1795453201000, 'ada');
