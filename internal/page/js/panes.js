// What stands around the picture: sentence, program, output.
const picks = new Map(); // answers of the reader, by question

const sayStep = () => {
	const n = shown, of = steps.length;
	const s = n > 0 ? steps[n - 1] : null;
	const item = n > 0 ? items[itemOf[n - 1]] : null;
	const folded = item && item.fold >= 0 && item.closed && item.last === n - 1;
	let where = n === 0 ? t("Before the first of {0} steps", of) : t("Step {0} of {1}", folded ? t("{0} to {1}", item.first + 1, n) : n, of);
	if (s && s.w && !data.untimed) where += " · " + s.w;
	const ref = (s && s.r) || data.ref;
	if (ref) where += " · " + ref;
	$("where").textContent = where;
	const q = questionAt(n);
	$("sentence").replaceChildren();
	if (folded) {
		$("sentence").append(data.folds[item.fold].t);
	} else if (s) {
		if (s.l >= 0) $("sentence").append(badge(s.l), " ");
		$("sentence").append(s.t);
	} else if (q < 0) {
		$("sentence").append(t("What will this program do? Think of the processes, then step."));
	}
	$("sentence").hidden = !$("sentence").childNodes.length;
	$("evidence").textContent = s && !folded && s.e ? s.e : "";
	const moment = $("moment");
	moment.textContent = s && !folded && s.m ? s.m : "";
	data.questions.forEach((d, i) => {
		if (n === 0 || !picks.has(i) || d.s < 0 || d.s !== n - 1) return;
		moment.append(make("span", "yours", picks.get(i) === d.r ? t("You were right: {0}.", d.a[d.r]) : t("You said “{0}”. It is: {1}.", d.a[picks.get(i)], d.a[d.r])));
	});
	ask(q);
	showNow();
	$("say").scrollTop = 0;
	sayMore();
};

// sayMore marks the panel where it has more to say below, and lets the
// keyboard reach a panel that scrolls.
const sayMore = () => {
	const say = $("say");
	say.classList.toggle("below", say.scrollTop + say.clientHeight < say.scrollHeight - 4);
	if (say.scrollHeight > say.clientHeight) say.tabIndex = 0; else say.removeAttribute("tabindex");
};
$("say").addEventListener("scroll", sayMore, { passive: true });

// ask shows a question with its answers, or none.
const ask = (i) => {
	const box = $("question");
	box.hidden = i < 0;
	box.replaceChildren();
	if (i < 0) return;
	const q = data.questions[i], pick = picks.get(i);
	box.append(make("p", "ask", q.q));
	const list = make("div", "answers");
	q.a.forEach((a, k) => {
		const b = make("button", "", make("kbd", "", String(k + 1)), " " + a);
		b.type = "button";
		if (pick !== undefined) {
			b.disabled = true;
			if (k === q.r) b.append(make("strong", "", t(" ✓ this happened")));
			else if (k === pick) b.append(make("strong", "", t(" ✗ your answer")));
			b.className = k === q.r ? "right" : k === pick ? "wrong" : "";
		}
		b.addEventListener("click", () => answer(i, k));
		list.append(b);
	});
	box.append(list);
	if (pick === undefined) return;
	box.append(make("p", "why", q.w));
	const here = questionsAt(shown), turn = here.indexOf(i);
	if (turn < 0 || turn + 1 >= here.length) return;
	const more = make("button", "more", t("Next question"));
	more.type = "button";
	more.addEventListener("click", () => { turns.set(shown, turn + 1); sayStep(); keepInView(); $("question").querySelector("button").focus(); });
	box.append(more);
};
const answer = (i, k) => {
	if (picks.has(i) || k >= data.questions[i].a.length) return;
	picks.set(i, k);
	sayStep();
	keepInView();
	const more = $("question").querySelector(".more"), say = $("say");
	(more || $("next")).focus({ preventScroll: true });
	const last = $("question").lastElementChild; // the reason, or what leads to the next question
	say.scrollTop = Math.max(0, last.offsetTop + last.offsetHeight - say.clientHeight + 4);
};

// showNow lists what each process that is not gone does now.
const showNow = () => {
	const list = $("now");
	list.replaceChildren();
	const st = statesAt(shown);
	let more = 0;
	for (let l = 0; l < lanes.length; l++) {
		if (lanes[l].x || !st[l] || st[l] === GONE) continue;
		if (list.childNodes.length >= 12) { more++; continue; }
		const li = make("li", "s" + st[l], badge(l), " " + lanes[l].t + " ", make("small", "", (lanes[l].p ? lanes[l].p + " " : "")), make("em", "", data.states[st[l]] + (st[l] === SLEEPING || st[l] === BLOCKED ? doingAt(l, shown) : "")));
		li.title = nameOf(l);
		list.append(li);
	}
	if (more) list.append(make("li", "", t("and {0} more", more)));
	if (!list.childNodes.length && shown > 0) list.append(make("li", "", t("no process is left")));
};

// styled appends a line of the program with its colours.
const styled = (into, line) => {
	let style = "", from = 0;
	const flush = (to) => {
		if (to > from) into.append(style ? make("span", style, line.slice(from, to)) : line.slice(from, to));
	};
	for (let i = 0; i < line.length; i++) {
		const c = line.charCodeAt(i) - 0xE000;
		if (c < 0 || c > 4) continue;
		flush(i);
		style = ["", "kw", "st", "cm", "nu"][c];
		from = i + 1;
	}
	flush(line.length);
};

let file = -1;      // shown in the program's pane
let lineBoxes = []; // its lines
let lineNow = null; // the line of this step
const openFile = (f) => {
	file = f;
	const box = $("text");
	box.replaceChildren();
	lineBoxes = [];
	if (f < 0) {
		box.append(make("p", "none", data.nosource || t("The recording names no lines of a program.")));
		return;
	}
	const list = make("div", "code");
	data.files[f].l.forEach((line, i) => {
		const d = make("div", "line", make("span", "marks"), make("span", "no", String(data.files[f].f + i)));
		const code = make("code");
		styled(code, line);
		d.append(code);
		list.append(d);
		lineBoxes.push(d);
	});
	if (data.nosource) box.append(make("p", "none", data.nosource));
	box.append(list);
	for (const b of $("files").querySelectorAll("button")) b.setAttribute("aria-pressed", String(Number(b.dataset.f) === f));
};
const showProgram = () => {
	const places = placesAt(shown), st = statesAt(shown);
	const s = shown > 0 ? steps[shown - 1] : null;
	const here = s && s.l >= 0 ? places[s.l] : null;
	if (here && here.file !== file) openFile(here.file);
	else if (file < 0 && data.files.length) openFile(data.files.length > 1 && !here ? firstFile() : 0);
	for (const d of lineBoxes) {
		d.classList.remove("now");
		d.firstChild.replaceChildren();
		delete d.firstChild.dataset.more;
	}
	for (const b of $("files").querySelectorAll("button")) b.querySelector("span").replaceChildren();
	const at = new Map(); // the processes at a line, that of the step first
	places.forEach((p, l) => {
		if (!p || !st[l] || st[l] === GONE && !(s && s.l === l)) return; // the process of this step may have just gone
		if (p.file !== file) {
			const tab = $("files").querySelector(`[data-f="${p.file}"] span`);
			if (tab && tab.childNodes.length < 4) tab.append(badge(l));
			return;
		}
		const d = lineBoxes[p.line - data.files[file].f];
		if (!d) return;
		if (!at.has(d)) at.set(d, []);
		if (s && s.l === l) at.get(d).unshift(l); else at.get(d).push(l);
	});
	for (const [d, there] of at) {
		const room = there.some((l) => letters[l].length > 1) ? 2 : 3;
		const drawn = there.length <= room ? there.length : there.length > 10 ? 1 : room - 1;
		d.firstChild.append(...there.slice(0, drawn).map(badge));
		if (there.length > drawn) d.firstChild.dataset.more = String(there.length - drawn);
	}
	lineNow = null;
	if (here && here.file === file) {
		lineNow = lineBoxes[here.line - data.files[file].f];
		if (lineNow) lineNow.classList.add("now");
	}
	if (lineNow) center($("text"), lineNow);
	else if (shown === 0 && file >= 0) {
		const s = steps.find((s) => s.f === file + 1);
		const d = s && lineBoxes[s.n - data.files[file].f];
		$("text").scrollTop = d ? d.offsetTop - 5 * d.offsetHeight : 0;
	}
};
const firstFile = () => {
	if (data.opens >= 0) return data.opens;
	const s = steps.find((s) => s.f);
	return s ? s.f - 1 : 0;
};
const center = (box, e) => {
	const top = e.offsetTop, h = e.offsetHeight;
	if (top < box.scrollTop + 2 * h || top > box.scrollTop + box.clientHeight - 3 * h) {
		box.scrollTop = top - (box.clientHeight - h) / 2;
	}
};

// showOutput writes what was printed so far, each piece with its writer.
// A step adds pieces or takes some away: what stays is not made again.
const pieces = { from: 0, drawn: [] };
const showOutput = () => {
	const box = $("printed");
	const until = all ? steps.length : shown;
	let count = data.output.findIndex((p) => p.s >= until);
	if (count < 0) count = data.output.length;
	const from = data.output.length > 600 ? Math.max(0, Math.floor(count / 100) * 100 - 300) : 0; // of many only the last ones
	if (from < pieces.from || from > pieces.from + pieces.drawn.length || !pieces.drawn.length) {
		box.replaceChildren();
		pieces.from = from;
		pieces.drawn = [];
	}
	const drop = (d) => { // with its row, if it was the last one there
		const row = d.parentNode;
		d.remove();
		if (!row.childNodes.length) row.remove();
	};
	while (pieces.from < from) {
		drop(pieces.drawn.shift());
		pieces.from++;
	}
	while (pieces.from + pieces.drawn.length > count) drop(pieces.drawn.pop());
	while (pieces.from + pieces.drawn.length < count) {
		const i = pieces.from + pieces.drawn.length, p = data.output[i], before = pieces.drawn.length ? data.output[i - 1] : null;
		const goesOn = before && !before.t.endsWith("\n") && !before.e === !p.e;
		const row = goesOn ? pieces.drawn[pieces.drawn.length - 1].parentNode : make("pre", "piece");
		const d = make("span", "part");
		if (!goesOn || steps[before.s].l !== steps[p.s].l) d.append(badge(steps[p.s].l), " ");
		d.append(p.t.endsWith("\n") ? p.t.slice(0, -1) : p.t);
		if (p.e && !goesOn) row.classList.add("stderr");
		row.append(d);
		pieces.drawn.push(d);
		if (!goesOn) box.append(row);
	}
	let now = null;
	pieces.drawn.forEach((d, i) => {
		const p = data.output[pieces.from + i];
		d.classList.toggle("now", p.s === shown - 1);
		d.classList.toggle("later", p.s >= shown);
		if (p.s === shown - 1 && !now) now = d;
	});
	if (!count) box.append(make("p", "none", shown < steps.length ? t("Nothing is printed yet.") : t("Nothing was printed.")));
	if (now) center(box, now); else box.scrollTop = box.scrollHeight;
};
