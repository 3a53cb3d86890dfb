// The recording, and where the reader is in it.
const $ = (id) => document.getElementById(id);
const data = JSON.parse($("data").textContent);
// t is a text in the reader's language, with values where it has {0}.
const t = (english, ...values) => ((data.words && data.words[english]) || english).replace(/\{(\d)\}/g, (_, i) => values[i]);
const steps = data.steps, lanes = data.lanes;
const RUNNING = 1, SLEEPING = 2, BLOCKED = 3, WAITING = 4, SUSPENDED = 5, STOPPED = 6, ZOMBIE = 7, GONE = 8;
const FORK = 0, ADOPT = 1, SIGNAL = 2, REAP = 3;

let shown = 0;       // steps that have happened
let all = false;     // what comes is shown too
const opened = new Set(); // folds that are open, by index

// make makes an element: make("p", "class names", "text", child …).
const make = (tag, cls, ...content) => {
	const e = document.createElement(tag);
	if (cls) e.className = cls;
	e.append(...content);
	return e;
};
const draw = (tag, attrs, ...content) => {
	const e = document.createElementNS("http://www.w3.org/2000/svg", tag);
	for (const k in attrs) e.setAttribute(k, attrs[k]);
	e.append(...content);
	return e;
};

// A process has a letter and a colour: A, B, … Z, AA, AB, …
const letters = [];
{
	let n = 0;
	for (const l of lanes) {
		if (l.x) {
			letters.push("○");
			continue;
		}
		let s = "";
		for (let k = n + 1; k > 0; k = Math.floor((k - 1) / 26)) s = String.fromCharCode(65 + (k - 1) % 26) + s;
		letters.push(s);
		n++;
	}
}
const colour = (lane) => lanes[lane].x ? "px" : "p" + lane % 8;
const nameOf = (lane) => {
	const l = lanes[lane];
	return l.n + (l.x ? "" : ", " + l.t) + (l.c ? t(", runs {0}", l.c) : "") + (l.p ? t(", pid {0}", l.p) : "");
};
const badge = (lane) => {
	const b = make("b", "badge " + colour(lane), letters[lane]);
	b.title = nameOf(lane);
	return b;
};

// The rows: a step each, or a fold that stands for several.
let items = [];
const itemOf = new Int32Array(steps.length);
const arrangeItems = () => {
	items = [];
	let f = 0;
	for (let i = 0; i < steps.length;) {
		while (f < data.folds.length && data.folds[f].l < i) f++;
		const fold = data.folds[f];
		const starts = fold && fold.f === i;
		const closed = starts && !opened.has(f);
		if (starts) items.push({ first: i, last: closed ? fold.l : i - 1, fold: f, closed });
		if (!closed) items.push({ first: i, last: i, fold: -1 });
		i = closed ? fold.l + 1 : i + 1;
	}
	items.forEach((it, k) => { for (let i = it.first; i <= it.last; i++) itemOf[i] = k; });
};
arrangeItems();

// after and before are where the next and the last row lead.
const after = (n) => {
	if (n >= steps.length) return steps.length;
	const it = items[itemOf[n]];
	return it.last + 1;
};
const before = (n) => n <= 0 ? 0 : items[itemOf[n - 1]].first;

// statesAt returns the state of each lane after the first n steps.
const statesAt = (n) => {
	const st = new Uint8Array(lanes.length);
	for (let i = 0; i < n; i++) {
		const s = steps[i].s;
		if (s) for (let k = 0; k < s.length; k += 2) st[s[k]] = s[k + 1];
	}
	return st;
};

// doingAt returns what the state of a lane is about: "2 s".
const doingAt = (lane, n) => {
	for (let i = n - 1; i >= 0; i--) {
		const s = steps[i];
		if (s.y && s.y[lane] !== undefined) return " " + s.y[lane];
	}
	return "";
};

// placesAt returns for each lane the last line of the program that it
// is known to be at: a new process is where its parent called fork.
const placesAt = (n) => {
	const at = lanes.map(() => null);
	for (let i = 0; i < n; i++) {
		const s = steps[i];
		if (s.l >= 0 && s.x) at[s.l] = null;
		if (s.l >= 0 && s.f) at[s.l] = { file: s.f - 1, line: s.n, step: i };
		if (s.a) for (const a of s.a) if (a.k === FORK && a.f === s.l) at[a.t] = at[s.l];
	}
	return at;
};
// questionsAt are the questions that are asked before the row after step
// n: at the start those that no single step answers.
const turns = new Map(); // which of several is asked, by step
const questionsAt = (n) => {
	if (all || !data.questions.length) return [];
	const here = [];
	data.questions.forEach((q, i) => {
		if (n === 0 ? q.s < 0 : q.s >= 0 && items[itemOf[q.s]].first === n) here.push(i);
	});
	return n === 0 && !here.length ? [0] : here;
};
const questionAt = (n) => {
	const here = questionsAt(n);
	return here.length ? here[turns.get(n) || 0] : -1;
};
