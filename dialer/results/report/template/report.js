"use strict";
(() => {
  const PAGE = 25;
  const MOST_PRINTED = 1000;
  const byId = (id) => document.getElementById(id);
  const written = byId("written");
  const age = byId("age");
  if (age) {
    const tell = () => {
      const seconds = Math.round((Date.now() - Date.parse(written.dateTime)) / 1000);
      age.textContent = seconds > 120 ? `It was written ${Math.round(seconds / 60)} minutes ago: ask dialer status whether the run still goes on.` : "";
    };
    tell();
    setInterval(tell, 10000);
  }
  const table = byId("people-table");
  if (!table) return;
  const rows = JSON.parse(byId("rows").textContent);
  const count = rows.row.length;
  const coded = new Set(["status", "reason", "message"]);
  const text = (column, index) => (coded.has(column) ? rows[column].texts[rows[column].codes[index]] : rows[column][index]);
  const ranks = (texts) => {
    const order = texts.map((_, code) => code).sort((a, b) => (texts[a] < texts[b] ? -1 : 1));
    const rank = [];
    order.forEach((code, place) => { rank[code] = place; });
    return rank;
  };
  const rank = Object.fromEntries([...coded].map((column) => [column, ranks(rows[column].texts)]));
  const key = (column, index) => (coded.has(column) ? rank[column][rows[column].codes[index]] : rows[column][index]);

  const search = byId("search");
  const selects = { status: byId("status"), reason: byId("reason") };
  const state = { sort: "row", down: false, search: "", status: "", reason: "", page: 0 };
  const remember = () => { try { sessionStorage.setItem(location.pathname, JSON.stringify(state)); } catch { /* a page without storage forgets */ } };
  try { Object.assign(state, JSON.parse(sessionStorage.getItem(location.pathname) || "{}")); } catch { /* as above */ }

  let found = [];
  let haystack = null;
  const select = () => {
    const words = state.search.toLowerCase().split(/\s+/).filter(Boolean);
    if (words.length && !haystack) {
      haystack = Array.from({ length: count }, (_, index) => ["row", "phone", "name", "call_id", "status", "reason", "message"].map((column) => text(column, index)).join(" ").toLowerCase());
    }
    found = [];
    for (let index = 0; index < count; index += 1) {
      if (state.status && text("status", index) !== state.status) continue;
      if (state.reason && text("reason", index) !== state.reason) continue;
      if (words.length && !words.every((word) => haystack[index].includes(word))) continue;
      found.push(index);
    }
    const sign = state.down ? -1 : 1;
    found.sort((a, b) => {
      const one = key(state.sort, a);
      const other = key(state.sort, b);
      return (one < other ? -sign : one > other ? sign : 0) || a - b;
    });
  };
  const cell = (line, content, kind, inside) => {
    const made = line.insertCell();
    const holder = inside ? made.appendChild(document.createElement(inside)) : made;
    holder.textContent = content;
    if (kind) holder.className = kind;
    return made;
  };
  const breakable = (holder, code) => {
    for (const [place, word] of code.split(/(?<=_)/).entries()) {
      if (place) holder.append(document.createElement("wbr"));
      holder.append(word);
    }
  };
  const fill = (indices) => {
    const body = document.createElement("tbody");
    for (const index of indices) {
      const line = body.insertRow();
      cell(line, rows.row[index]);
      cell(line, text("status", index), `pill ${text("status", index)}`, "span");
      breakable(cell(line, "", "", "code").firstChild, text("reason", index));
      cell(line, rows.name[index], "", "bdi").title = rows.name[index];
      cell(line, rows.phone[index], "number");
      const message = cell(line, `${text("message", index)} `);
      const remedy = rows.remedy[rows.reason.codes[index]];
      if (remedy && !message.textContent.includes(remedy)) {
        const quiet = message.appendChild(document.createElement("span"));
        quiet.className = "quiet";
        quiet.textContent = remedy;
      }
      cell(line, rows.call_id[index], "", "code");
    }
    table.tBodies[0].replaceWith(body);
  };
  const draw = () => {
    const pages = Math.max(1, Math.ceil(found.length / PAGE));
    state.page = Math.min(state.page, pages - 1);
    fill(found.slice(state.page * PAGE, (state.page + 1) * PAGE));
    byId("found").textContent = `${found.length.toLocaleString("en")} of ${count.toLocaleString("en")} rows`;
    byId("page").textContent = `page ${state.page + 1} of ${pages}`;
    byId("before").disabled = state.page === 0;
    byId("after").disabled = state.page >= pages - 1;
    for (const head of table.tHead.rows[0].cells) {
      if (head.dataset.column === state.sort) head.setAttribute("aria-sort", state.down ? "descending" : "ascending");
      else head.removeAttribute("aria-sort");
    }
    remember();
  };
  const changed = () => { select(); draw(); };

  for (const head of table.tHead.rows[0].cells) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    button.addEventListener("click", () => {
      state.down = state.sort === head.dataset.column && !state.down;
      state.sort = head.dataset.column;
      state.page = 0;
      changed();
    });
    head.replaceChildren(button);
  }
  for (const [column, box] of Object.entries(selects)) {
    for (const value of [...rows[column].texts].sort()) {
      if (value) box.add(new Option(value, value));
    }
    box.value = state[column];
    state[column] = box.value; // a reason that no row has any more filters nothing
    box.addEventListener("change", () => { state[column] = box.value; state.page = 0; changed(); });
  }
  let typed = 0;
  search.value = state.search;
  search.addEventListener("input", () => {
    clearTimeout(typed);
    typed = setTimeout(() => { state.search = search.value; state.page = 0; changed(); }, 120);
  });
  document.querySelector(".filters").addEventListener("submit", (event) => event.preventDefault());
  const turn = (by) => { state.page += by; draw(); table.scrollIntoView({ block: "start" }); };
  byId("before").addEventListener("click", () => turn(-1));
  byId("after").addEventListener("click", () => turn(1));
  addEventListener("beforeprint", () => fill(found.slice(0, MOST_PRINTED)));
  addEventListener("afterprint", draw);
  document.querySelector(".filters").hidden = false;
  document.querySelector(".pages").hidden = count <= PAGE;
  document.querySelector(".shortened")?.remove();
  changed();
})();
