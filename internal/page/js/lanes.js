// The picture: one row for each step, one column for each process.
let columns = null; // { of: column of each lane, n, lanes: lanes of each column }
let size = null;    // measures of the picture, in pixels

// arrangeColumns gives each process a column. In a recording with many
// processes a new one takes the column of one that is gone.
const arrangeColumns = () => {
	const of = new Int32Array(lanes.length), within = [];
	const share = lanes.length > 8;
	const gone = lanes.map(() => Infinity);
	steps.forEach((s, i) => {
		if (s.s) for (let k = 0; k < s.s.length; k += 2) if (s.s[k + 1] === GONE) gone[s.s[k]] = i;
	});
	const free = []; // from which step on a column is free
	const order = lanes.map((_, i) => i);
	if (share) order.sort((a, b) => lanes[a].b - lanes[b].b || a - b);
	for (const i of order) {
		let c = share ? free.findIndex((at) => at < lanes[i].b) : -1;
		if (c < 0) { c = within.length; within.push([]); free.push(0); }
		of[i] = c;
		within[c].push(i);
		free[c] = lanes[i].x ? Infinity : gone[i];
	}
	columns = { of, n: within.length, lanes: within };
};

const measure = () => {
	const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
	const width = $("lanes").clientWidth - 4;
	const gutter = 2.1 * rem;
	const words = Math.min(Math.max(8.4 * rem, width * (width < 30 * rem ? 0.36 : 0.42)), 30 * rem);
	let pitch = (width - gutter - words) / columns.n;
	pitch = Math.min(pitch, 7 * rem);
	const least = 1.35 * rem;
	let text = Math.min(Math.max(words, width - gutter - pitch * columns.n), 36 * rem);
	if (pitch < least) {
		pitch = Math.max(least, Math.min((width - gutter) / columns.n, 2 * rem));
		text = width - gutter - pitch * columns.n;
		if (text < 8 * rem) text = 0;
	}
	const low = matchMedia("(max-height:519px)").matches; // a phone that lies, a page at 200 %
	size = {
		rem, gutter, pitch, text, low, row: Math.round((low ? 2.2 : 2.9) * rem),
		bar: Math.min(0.7 * rem, Math.max(0.4 * rem, pitch * 0.16)),
		disc: Math.min(0.62 * rem, Math.max(0.5 * rem, pitch * 0.28)),
		width: gutter + pitch * columns.n,
		named: pitch >= 3.3 * rem,
	};
};
const x = (lane) => size.gutter + (columns.of[lane] + 0.5) * size.pitch;

// bar draws a lane in a state.
const bar = (into, st, lane, y0, y1) => {
	if (!st || st === GONE || y1 <= y0) return;
	const at = x(lane), w = size.bar;
	const line = (cls, width, dash, cap) => {
		const a = { class: cls + " " + colour(lane), d: `M${at} ${y0}V${y1}`, "stroke-width": width };
		if (dash) a["stroke-dasharray"] = dash;
		if (cap) a["stroke-linecap"] = cap;
		into.append(draw("path", a));
	};
	switch (st) {
	case RUNNING: line("bar", w); break;
	case SLEEPING: line("bar", w * 0.45, `0 ${w}`, "round"); break;
	case BLOCKED: line("bar", w * 0.3); break;
	case WAITING: line("bar", w, "2 4"); break;
	case SUSPENDED: line("bar", w); line("hollow", w - 4); break;
	case STOPPED: line("bar", w, "9 4"); break;
	case ZOMBIE:
		line("dead", w + 1);
		line("hollow", w - 2);
		into.append(draw("path", { class: "hatch", d: `M${at} ${y0}V${y1}`, stroke: "url(#hatch)", "stroke-width": w - 1 }));
	}
};

// arrow draws an arrow of a row at height y.
const arrow = (into, a, y, own) => {
	const from = x(a.f), to = x(a.t);
	if (from === to) return;
	const dir = to > from ? 1 : -1;
	const start = from + dir * (a.f === own ? size.disc : size.bar / 2);
	const end = to - dir * (a.t === own ? size.disc + 1 : size.bar / 2 + 1);
	const d = `M${start} ${y}H${end - dir * 6}`;
	const kind = ["fork", "adopt", "signal", "reap"][a.k];
	into.append(draw("path", { class: "casing", d }));
	into.append(draw("path", { class: "arrow " + kind, d }));
	if (a.k === REAP) into.append(draw("path", { class: "inner", d }));
	into.append(draw("path", { class: "head " + kind, d: `M${end} ${y}l${-dir * 8} -5v10z` }));
	const word = [t("fork"), t("adopts"), t("signal"), t("reaps")][a.k];
	if (Math.abs(to - from) > 4.4 * size.rem && size.pitch > 4.4 * size.rem) {
		into.append(draw("text", { class: "word", x: to - dir * size.pitch / 2, y: y - 0.4 * size.rem }, word));
	}
};

const disc = (into, lane, y) => {
	into.append(draw("circle", { class: "disc " + colour(lane), cx: x(lane), cy: y, r: size.disc }));
	into.append(draw("text", { class: "letter " + colour(lane) + (letters[lane].length > 1 ? " two" : ""), x: x(lane), y, dy: "0.36em" }, letters[lane]));
};

// rowPicture draws the lanes beside one item: their states before and
// after it.
const rowPicture = (item, was, is) => {
	const h = size.row, mid = h / 2;
	const svg = draw("svg", { class: "lane", width: size.width, height: h, "aria-hidden": "true" });
	for (const within of columns.lanes) {
		for (const l of within) {
			if (lanes[l].x) {
				if (lanes[l].b <= item.last) svg.append(draw("path", { class: "outside", d: `M${x(l)} 0V${h}` }));
			} else if (was[l] === is[l]) {
				bar(svg, is[l], l, 0, h);
			} else {
				bar(svg, was[l], l, 0, mid);
				bar(svg, is[l], l, mid, h);
			}
		}
	}
	if (item.fold >= 0) {
		const touched = new Set();
		for (let i = item.first; i <= item.last; i++) if (steps[i].l >= 0) touched.add(columns.of[steps[i].l]);
		for (const c of touched) svg.append(draw("circle", { class: "many", cx: size.gutter + (c + 0.5) * size.pitch, cy: mid, r: size.disc * 0.7 }));
		return svg;
	}
	const s = steps[item.first];
	for (const a of s.a || []) arrow(svg, a, mid, s.l);
	if (s.l >= 0) disc(svg, s.l, mid);
	return svg;
};

const made = new Map(); // rows that exist, by item
const row = (k, was, is) => {
	const item = items[k];
	const li = make("li");
	li.style.top = k * size.row + "px";
	li.style.height = size.row + "px";
	li.append(make("span", "n", item.fold >= 0 ? "" : String(item.first + 1)));
	li.append(rowPicture(item, was, is));
	if (item.fold >= 0) {
		const b = make("button", "fold" + (size.text ? "" : " above"), make("span", "", (item.closed ? "▸ " : "▾ ") + data.folds[item.fold].t));
		b.type = "button";
		b.title = data.folds[item.fold].t;
		b.setAttribute("aria-expanded", String(!item.closed));
		b.addEventListener("click", () => {
			if (item.closed) opened.add(item.fold); else opened.delete(item.fold);
			arrangeItems();
			redraw();
			show();
		});
		li.append(b);
	} else {
		const t = make("span", "t", steps[item.first].t);
		t.title = steps[item.first].t;
		if (!size.text) t.classList.add("unseen");
		li.append(t);
		li.addEventListener("click", () => { if (!String(getSelection())) go(item.first + 1); });
	}
	return li;
};

// showRows makes the rows that are in view, or all of a short
// recording, and marks the current one.
const showRows = () => {
	const box = $("lanes"), list = $("rows");
	const end = all ? items.length : shown === 0 ? 0 : itemOf[shown - 1] + 1;
	$("lanes").classList.toggle("empty", end === 0);
	list.style.height = end * size.row + "px";
	list.style.width = size.width + size.text + "px";
	let from = 0, to = end;
	if (end > 400) {
		from = Math.max(0, Math.floor(box.scrollTop / size.row) - 12);
		to = Math.min(end, from + Math.ceil(box.clientHeight / size.row) + 24);
	}
	for (const [k, li] of made) if (k < from || k >= to) { li.remove(); made.delete(k); }
	let states = null, done = 0;
	for (let k = from; k < to; k++) {
		if (made.has(k)) continue;
		if (!states || done !== items[k].first) { states = statesAt(items[k].first); done = items[k].first; }
		const was = states.slice();
		for (; done <= items[k].last; done++) {
			const s = steps[done].s;
			if (s) for (let i = 0; i < s.length; i += 2) states[s[i]] = s[i + 1];
		}
		const li = row(k, was, states);
		made.set(k, li);
		let next = null;
		for (let j = k + 1; j < to && !next; j++) next = made.get(j) || null;
		list.insertBefore(li, next);
	}
	const current = shown > 0 ? itemOf[shown - 1] : -1;
	for (const [k, li] of made) {
		li.classList.toggle("now", k === current);
		li.classList.toggle("later", k > current);
		if (k === current) li.setAttribute("aria-current", "step"); else li.removeAttribute("aria-current");
	}
};

// inParts is a role with a place in its long words where they may break.
const inParts = (role) => role.replace(/[A-Za-z]{10,}/g, (w) => w.slice(0, (w.length + 1) / 2) + "\u00AD" + w.slice((w.length + 1) / 2));

// longestWord is how many characters the longest word of a role has, or the
// longest part of one, which is to fit above its lane.
const longestWord = Math.max(1, ...lanes.flatMap((l) => inParts(l.t).split(/[\s\u00AD-]|(?=[\u2e80-\uffff])/)).map((w) => w.length));

// title is what stands above a lane: letter, role, pid.
const title = (l, gone) => {
	const box = make("div", "title" + (gone ? " gone" : "") + (size.named ? "" : " narrow"), badge(l));
	if (size.named) {
		box.append(make("span", "role", inParts(lanes[l].t)));
		const small = [lanes[l].x ? lanes[l].c || "" : "", lanes[l].p || ""].join(" ").trim();
		if (small) box.append(make("span", "pid", small));
	} else {
		box.append(make("span", "unseen", lanes[l].t));
	}
	box.title = nameOf(l);
	box.style.left = size.gutter + columns.of[l] * size.pitch + "px";
	box.style.width = size.pitch + "px";
	return box;
};

// measureTitles makes room for the highest title, so that none is cut and
// the rows stay where they are from step to step.
const measureTitles = () => {
	const top = $("titles");
	top.style.height = size.named ? "" : "1.9rem";
	if (!size.named) return;
	top.style.setProperty("--role", Math.max(0.66, Math.min(0.8, (size.pitch / size.rem - 0.2) / (0.7 * longestWord))) + "rem");
	top.replaceChildren(...lanes.map((_, l) => title(l, false)));
	top.style.height = 0.4 * size.rem + Math.max((size.low ? 1.4 : 3.9) * size.rem, ...[...top.children].map((e) => e.offsetHeight)) + "px";
};

// showTitles names the processes that the columns belong to now.
const showTitles = () => {
	const top = $("titles");
	top.replaceChildren();
	top.style.width = size.width + size.text + "px";
	const st = statesAt(shown);
	for (let c = 0; c < columns.n; c++) {
		const born = columns.lanes[c].filter((l) => all || lanes[l].b < shown);
		if (!born.length) continue;
		const l = born.find((l) => st[l] && st[l] !== GONE) ?? born[born.length - 1];
		top.append(title(l, st[l] === GONE));
	}
};

// bringIntoView scrolls the current row and the lane of its process
// into view, below the titles.
const bringIntoView = () => {
	const box = $("lanes");
	if (!shown) { box.scrollTop = 0; box.scrollLeft = 0; return; }
	const k = itemOf[shown - 1], head = $("titles").offsetHeight;
	const top = k * size.row, room = box.clientHeight - head;
	if (top < box.scrollTop) box.scrollTop = top;
	else if (top + Math.min(2 * size.row, room) > box.scrollTop + room) box.scrollTop = top + Math.min(2 * size.row, room) - room;
	const s = steps[shown - 1];
	if (s.l >= 0 && box.scrollWidth > box.clientWidth) {
		const at = x(s.l), width = box.clientWidth, edge = Math.min(2 * size.pitch, width / 3);
		if (at < box.scrollLeft + size.gutter) box.scrollLeft = at - 2 * size.gutter;
		else if (at > box.scrollLeft + width - edge) box.scrollLeft = at - width + 1.5 * edge;
	}
};

// keepInView does so after the panes have changed their sizes.
const keepInView = () => {
	bringIntoView();
	if (lineNow) center($("text"), lineNow);
};

const redraw = () => {
	for (const li of made.values()) li.remove();
	made.clear();
	measure();
	measureTitles();
	$("rows").style.setProperty("--words", size.text + "px");
	$("rows").style.setProperty("--above", Math.min(16 * size.rem, $("lanes").clientWidth - 3 * size.rem) + "px");
};
