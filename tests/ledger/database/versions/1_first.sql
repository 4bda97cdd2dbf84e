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
    zones TEXT NOT NULL,
    payload TEXT NOT NULL,
    state TEXT NOT NULL,
    planned_in TEXT,
    slot_ms BIGINT,
    attempts INTEGER NOT NULL,
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
    reason TEXT NOT NULL,
    message TEXT NOT NULL,
    http_status INTEGER,
    call_id TEXT,
    PRIMARY KEY (contact_id, number),
    CONSTRAINT one_instant_a_number UNIQUE (phone, slot_ms),
    CONSTRAINT outcome_is_known CHECK (outcome IN ('created', 'refused', 'not_sent', 'unknown')),
    FOREIGN KEY(contact_id) REFERENCES contacts (id),
    FOREIGN KEY(run_id) REFERENCES runs (id)
);
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

INSERT INTO campaigns (id, name) VALUES (1, 'spring');
INSERT INTO meta (name, value) VALUES ('schema_version', '1');
INSERT INTO sheets (id, campaign_id, file, sha256, header, row_count) VALUES (1, 1, 'contacts.csv', 'spring', '["Name","Phone"]', 11);
INSERT INTO runs (id, campaign_id, sheet_id, started_at_ms, ended_at_ms, exit_code, stop, facts) VALUES ('r1', 1, 1, 1795453140000, 1795453260000, 5, 'interrupted', '{"host":"desk","limit":null}');
INSERT INTO runs (id, campaign_id, sheet_id, started_at_ms, ended_at_ms, exit_code, stop, facts) VALUES ('r2', 1, 1, 1795456800000, NULL, NULL, NULL, '{"host":"desk","limit":null}');
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
INSERT INTO contacts (id, campaign_id, "key", phone, zones, payload, state, planned_in, slot_ms, attempts, reason, message, call_id) VALUES (1, 1, '+12125550102', '+12125550102', 'America/New_York', '{"nameOfHuman":"Person 2","toPhoneNumber":"+12125550102","promptVariableValues":[]}', 'created', NULL, 1795453200000, 1, '', '', 'call-1');
INSERT INTO contacts (id, campaign_id, "key", phone, zones, payload, state, planned_in, slot_ms, attempts, reason, message, call_id) VALUES (2, 1, '+12125550103', '+12125550103', 'America/New_York', '{"nameOfHuman":"Person 3","toPhoneNumber":"+12125550103","promptVariableValues":[]}', 'failed', NULL, 1795456900000, 2, 'api_400', 'Refused.', NULL);
INSERT INTO contacts (id, campaign_id, "key", phone, zones, payload, state, planned_in, slot_ms, attempts, reason, message, call_id) VALUES (3, 1, '+12125550104', '+12125550104', 'America/New_York', '{"nameOfHuman":"Person 4","toPhoneNumber":"+12125550104","promptVariableValues":[]}', 'unknown', NULL, 1795453202000, 2, 'no_reply', 'No reply.', NULL);
INSERT INTO contacts (id, campaign_id, "key", phone, zones, payload, state, planned_in, slot_ms, attempts, reason, message, call_id) VALUES (4, 1, '+12125550105', '+12125550105', 'America/New_York', '{"nameOfHuman":"Person 5","toPhoneNumber":"+12125550105","promptVariableValues":[]}', 'unknown', NULL, 1795453203000, 1, 'no_reply', 'No reply.', NULL);
INSERT INTO contacts (id, campaign_id, "key", phone, zones, payload, state, planned_in, slot_ms, attempts, reason, message, call_id) VALUES (5, 1, '+12125550106', '+12125550106', 'America/New_York', '{"nameOfHuman":"Person 6","toPhoneNumber":"+12125550106","promptVariableValues":[]}', 'claimed', 'r1', 1795453204000, 1, '', '', NULL);
INSERT INTO contacts (id, campaign_id, "key", phone, zones, payload, state, planned_in, slot_ms, attempts, reason, message, call_id) VALUES (6, 1, '+12125550107', '+12125550107', 'America/New_York', '{"nameOfHuman":"Person 7","toPhoneNumber":"+12125550107","promptVariableValues":[]}', 'pending', 'r2', 1795456901000, 0, '', '', NULL);
INSERT INTO contacts (id, campaign_id, "key", phone, zones, payload, state, planned_in, slot_ms, attempts, reason, message, call_id) VALUES (7, 1, '+12125550108', '+12125550108', 'America/New_York', '{"nameOfHuman":"Person 8","toPhoneNumber":"+12125550108","promptVariableValues":[]}', 'pending', 'r2', 1795456902000, 1, 'not_sent', 'Not sent.', NULL);
INSERT INTO contacts (id, campaign_id, "key", phone, zones, payload, state, planned_in, slot_ms, attempts, reason, message, call_id) VALUES (8, 1, '+12125550109', '+12125550109', 'America/New_York', '{"nameOfHuman":"Person 9","toPhoneNumber":"+12125550109","promptVariableValues":[]}', 'failed', 'r2', 1795456903000, 1, 'not_sent', 'Not sent.', NULL);
INSERT INTO contacts (id, campaign_id, "key", phone, zones, payload, state, planned_in, slot_ms, attempts, reason, message, call_id) VALUES (9, 1, '+12125550110', '+12125550110', 'America/New_York', '{"nameOfHuman":"Person 10","toPhoneNumber":"+12125550110","promptVariableValues":[]}', 'created', NULL, 1795453208000, 1, '', '', 'call-9');
INSERT INTO contacts (id, campaign_id, "key", phone, zones, payload, state, planned_in, slot_ms, attempts, reason, message, call_id) VALUES (10, 1, '+12125550111', '+12125550111', 'America/New_York', '{"nameOfHuman":"Person 11","toPhoneNumber":"+12125550111","promptVariableValues":[]}', 'pending', 'r2', 1795456904000, 0, '', '', NULL);
INSERT INTO attempts (contact_id, number, run_id, phone, slot_ms, claimed_at_ms, settled_at_ms, outcome, reason, message, http_status, call_id) VALUES (1, 1, 'r1', '+12125550102', 1795453200000, 1795453200000, 1795453200500, 'created', '', '', 200, 'call-1');
INSERT INTO attempts (contact_id, number, run_id, phone, slot_ms, claimed_at_ms, settled_at_ms, outcome, reason, message, http_status, call_id) VALUES (2, 1, 'r1', '+12125550103', 1795453201000, 1795453200000, 1795453200500, 'refused', 'api_400', 'Refused.', 400, NULL);
INSERT INTO attempts (contact_id, number, run_id, phone, slot_ms, claimed_at_ms, settled_at_ms, outcome, reason, message, http_status, call_id) VALUES (2, 2, 'r2', '+12125550103', 1795456900000, 1795453200000, 1795453200500, 'refused', 'api_400', 'Refused.', 400, NULL);
INSERT INTO attempts (contact_id, number, run_id, phone, slot_ms, claimed_at_ms, settled_at_ms, outcome, reason, message, http_status, call_id) VALUES (3, 1, 'r1', '+12125550104', 1795453202000, 1795453200000, 1795453200500, 'not_sent', 'not_sent', 'Not sent.', NULL, NULL);
INSERT INTO attempts (contact_id, number, run_id, phone, slot_ms, claimed_at_ms, settled_at_ms, outcome, reason, message, http_status, call_id) VALUES (3, 2, 'r1', '+12125550104', 1795453202001, 1795453200000, 1795453200500, 'unknown', 'no_reply', 'No reply.', NULL, NULL);
INSERT INTO attempts (contact_id, number, run_id, phone, slot_ms, claimed_at_ms, settled_at_ms, outcome, reason, message, http_status, call_id) VALUES (4, 1, 'r1', '+12125550105', 1795453203000, 1795453200000, 1795453200500, 'unknown', 'no_reply', 'No reply.', NULL, NULL);
INSERT INTO attempts (contact_id, number, run_id, phone, slot_ms, claimed_at_ms, settled_at_ms, outcome, reason, message, http_status, call_id) VALUES (5, 1, 'r1', '+12125550106', 1795453204000, 1795453200000, NULL, NULL, '', '', NULL, NULL);
INSERT INTO attempts (contact_id, number, run_id, phone, slot_ms, claimed_at_ms, settled_at_ms, outcome, reason, message, http_status, call_id) VALUES (7, 1, 'r1', '+12125550108', 1795453206000, 1795453200000, 1795453200500, 'not_sent', 'not_sent', 'Not sent.', NULL, NULL);
INSERT INTO attempts (contact_id, number, run_id, phone, slot_ms, claimed_at_ms, settled_at_ms, outcome, reason, message, http_status, call_id) VALUES (8, 1, 'r1', '+12125550109', 1795453207000, 1795453200000, 1795453200500, 'not_sent', 'not_sent', 'Not sent.', NULL, NULL);
INSERT INTO attempts (contact_id, number, run_id, phone, slot_ms, claimed_at_ms, settled_at_ms, outcome, reason, message, http_status, call_id) VALUES (9, 1, 'r1', '+12125550110', 1795453208000, 1795453200000, 1795453200500, 'created', '', '', 200, 'call-9');
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
INSERT INTO run_rows (run_id, row, contact_id, status, reason, message, phone) VALUES ('r2', 6, 5, 'unknown', '', '', '+12125550106');
INSERT INTO run_rows (run_id, row, contact_id, status, reason, message, phone) VALUES ('r2', 7, 6, 'pending', 'waiting', '', '+12125550107');
INSERT INTO run_rows (run_id, row, contact_id, status, reason, message, phone) VALUES ('r2', 8, 7, 'pending', 'waiting', '', '+12125550108');
INSERT INTO run_rows (run_id, row, contact_id, status, reason, message, phone) VALUES ('r2', 9, 8, 'pending', 'waiting', '', '+12125550109');
INSERT INTO run_rows (run_id, row, contact_id, status, reason, message, phone) VALUES ('r2', 10, 9, 'skipped', 'already_created', 'An earlier run created this call; it is not created again.', '+12125550110');
INSERT INTO run_rows (run_id, row, contact_id, status, reason, message, phone) VALUES ('r2', 11, 10, 'pending', 'waiting', '', '+12125550111');
INSERT INTO run_rows (run_id, row, contact_id, status, reason, message, phone) VALUES ('r2', 12, NULL, 'rejected', 'phone_missing', 'The phone cell is empty.', NULL);
