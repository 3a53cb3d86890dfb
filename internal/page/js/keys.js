// Keys, buttons, the address, and the first view.
const show = () => {
	sayStep();
	showProgram();
	showTitles();
	showRows();
	bringIntoView();
	if (made.size && steps.length > 400) showRows();
	showOutput();
	if (!$("tables").hidden) showDiagram();
	$("slider").value = shown;
	$("slider").setAttribute("aria-valuetext", t("step {0} of {1}", shown, steps.length));
	$("back").disabled = $("first").disabled = shown === 0;
	$("next").disabled = $("last").disabled = shown === steps.length;
	nameStep();
};
const go = (n) => {
	shown = Math.max(0, Math.min(steps.length, n));
	if (!shown && data.files.length > 1 && file !== firstFile()) openFile(firstFile());
	show();
};
const next = () => go(after(shown));
const back = () => go(before(shown));

// The address names the step once the steps pause.
let naming = 0;
const nameStep = () => {
	clearTimeout(naming);
	naming = setTimeout(() => {
		try { history.replaceState(null, "", "#step=" + shown); } catch (e) { /* the browser can refuse this to a page from a file */ }
	}, 250);
};
const fromAddress = () => {
	const m = /^#step=(\d+)$/.exec(location.hash);
	if (m) go(Number(m[1]));
	return m;
};
addEventListener("hashchange", fromAddress);

// Playing makes a step at a time.
let playing = 0, pause = 2000;
const play = (on) => {
	clearInterval(playing);
	playing = 0;
	if (on) {
		if (shown === steps.length) go(0);
		playing = setInterval(() => { if (shown < steps.length) next(); else play(false); }, pause);
	}
	$("play").setAttribute("aria-pressed", String(on));
	$("play").setAttribute("aria-label", on ? t("Pause") : t("Play"));
};
const speed = (factor) => {
	pause = Math.max(250, Math.min(16000, pause / factor));
	if (playing) play(true);
	const d = $("speed");
	if (d) d.textContent = t("{0} s a step", pause / 1000);
};

const blank = () => { $("blank").hidden = !$("blank").hidden; };
const present = () => { document.documentElement.classList.toggle("big"); redraw(); show(); };
const showAll = () => { all = !all; document.body.classList.toggle("all", all); redraw(); show(); };
const showTables = () => {
	$("tables").hidden = !$("tables").hidden;
	document.body.classList.toggle("tables", !$("tables").hidden);
	show();
};
const view = (name) => {
	document.body.dataset.view = name;
	for (const b of $("views").children) b.setAttribute("aria-pressed", String(b.dataset.view === name));
	if (name === "files" && $("tables").hidden) showTables(); else show();
};

const keys = [
	[t("→ ↓ space PageDown n"), t("next step")], ["← ↑ PageUp b", t("one step back")], ["Home, End", t("first step, last step")],
	["a", t("show what comes, or hide it")], [t("1 to 9"), t("answer the question")], ["s", t("play and pause")], ["+ −", t("play faster, slower")],
	["Shift ↓ ↑", t("scroll")], ["d", t("descriptors")], ["o", t("open or close a folded row")], ["p", t("presentation size")], [".", t("blank the screen")], ["?", t("this list")], ["#step=7", t("in the address: step 7")],
];
const fillHelp = () => {
	const box = $("about-keys");
	const close = make("button", "close", t("Close"));
	close.type = "button";
	close.addEventListener("click", () => box.close());
	const list = make("dl");
	for (const [k, what] of keys) list.append(make("dt", "", k), make("dd", "", what));
	const signs = make("ul", "signs");
	const keep = [size, columns];
	columns = { of: new Int32Array(lanes.length), n: 1, lanes: [[0]] };
	size = { rem: 16, gutter: 0, pitch: 28, row: 26, bar: 11, disc: 8 };
	for (let st = RUNNING; lanes.length && st < GONE; st++) {
		const svg = draw("svg", { width: 28, height: 26, "aria-hidden": "true" });
		bar(svg, st, 0, 1, 25);
		signs.append(make("li", "", svg, " " + data.states[st]));
	}
	for (const [kind, word] of ["fork", "adopt", "signal", "reap"].map((k, i) => [k, [t("fork"), t("adoption"), t("signal"), t("reap")][i]])) {
		const svg = draw("svg", { width: 40, height: 26, "aria-hidden": "true" });
		svg.append(draw("path", { class: "arrow " + kind, d: "M2 13H30" }));
		if (kind === "reap") svg.append(draw("path", { class: "inner", d: "M2 13H30" }));
		svg.append(draw("path", { class: "head " + kind, d: "M38 13l-8 -5v10z" }));
		signs.append(make("li", "", svg, " " + word));
	}
	[size, columns] = keep;
	const step = (word, factor) => {
		const b = make("button", "", word);
		b.type = "button";
		b.addEventListener("click", () => speed(factor));
		return b;
	};
	const rate = make("p", "", t("Play: "));
	const now = make("span", "", t("{0} s a step", pause / 1000));
	now.id = "speed";
	rate.append(now, " ", step(t("slower"), 0.5), " ", step(t("faster"), 2));
	box.append(close, make("h2", "", t("Keys")), list, rate, make("h2", "", t("Signs")), signs, make("h2", "", t("About this recording")), make("p", "", (data.command || data.title) + " · " + data.system));
	for (const n of data.notes) box.append(make("p", "", n));
};
const help = () => { const d = $("about-keys"); if (d.open) d.close(); else d.showModal(); };
const toggleFold = () => {
	if (!shown) return;
	const it = items[itemOf[shown - 1]];
	let f = it.fold;
	if (f < 0) f = data.folds.findIndex((d) => d.f <= shown - 1 && shown - 1 <= d.l);
	if (f < 0) return;
	if (opened.has(f)) { opened.delete(f); arrangeItems(); redraw(); go(data.folds[f].l + 1); return; }
	opened.add(f);
	arrangeItems();
	redraw();
	go(data.folds[f].f + 1);
};

// scroll moves what has the focus, or the sentence with its question.
const scroll = (on, direction) => {
	(on.closest(".scroll") || $("say")).scrollTop += direction * 3 * size.rem;
};

document.addEventListener("keydown", (e) => {
	if (e.ctrlKey || e.altKey || e.metaKey || $("about-keys").open && e.key !== "?") return;
	const on = e.target instanceof HTMLElement ? e.target : document.body;
	const button = on instanceof HTMLButtonElement;
	const digit = /^[1-9]$/.test(e.key) ? Number(e.key) : 0;
	switch (e.key) {
	case "ArrowDown": if (e.shiftKey) scroll(on, 1); else next(); break;
	case "ArrowUp": if (e.shiftKey) scroll(on, -1); else back(); break;
	case "ArrowRight": case "PageDown": case "n": next(); break;
	case "ArrowLeft": case "PageUp": case "b": back(); break;
	case "Home": go(0); break;
	case "End": go(steps.length); break;
	case " ": if (button && on.id !== "next") return; if (e.shiftKey) back(); else next(); break;
	case "a": showAll(); break;
	case "s": play(!playing); break;
	case "+": case "=": speed(2); break;
	case "-": case "−": speed(0.5); break;
	case "d": showTables(); break;
	case "o": toggleFold(); break;
	case "p": case "P": present(); break;
	case ".": blank(); break;
	case "?": help(); break;
	default:
		if (!digit || questionAt(shown) < 0) return;
		answer(questionAt(shown), digit - 1);
	}
	e.preventDefault();
});

$("first").addEventListener("click", () => go(0));
$("back").addEventListener("click", back);
$("next").addEventListener("click", next);
$("last").addEventListener("click", () => go(steps.length));
$("play").addEventListener("click", () => play(!playing));
$("help").addEventListener("click", help);
$("slider").addEventListener("input", (e) => go(Number(e.target.value)));
$("blank").addEventListener("click", blank);
for (const b of $("views").children) b.addEventListener("click", () => view(b.dataset.view));
$("lanes").addEventListener("scroll", () => { if (steps.length > 400) showRows(); }, { passive: true });
addEventListener("resize", () => { redraw(); show(); });

// What does not change from step to step.
$("slider").max = steps.length;
$("stdout").textContent = t("standard output is {0}", data.stdout);
$("about").textContent = [data.title === data.command ? "" : data.command, data.system].filter(Boolean).join(" · ");
$("tables").hidden = !data.descriptors;
document.body.classList.toggle("tables", data.descriptors === true);
document.body.classList.toggle("sourceless", data.files.length === 0);
document.body.dataset.view = "program";
if (data.files.length > 1) {
	data.files.forEach((f, i) => {
		const b = make("button", "", f.n + " ", make("span"));
		b.type = "button";
		b.dataset.f = String(i);
		b.addEventListener("click", () => { openFile(i); showProgram(); });
		$("files").append(b);
	});
} else if (data.files.length) {
	$("files").append(make("b", "only", data.files[0].n));
}
document.body.append(draw("svg", { class: "defs", width: 0, height: 0, "aria-hidden": "true" },
	draw("defs", {}, (() => {
		const p = draw("pattern", { id: "hatch", width: 6, height: 6, patternUnits: "userSpaceOnUse" });
		p.append(draw("path", { class: "hatching", d: "M-1 1L1 -1M0 6L6 0M5 7L7 5" }));
		return p;
	})())));
if (data.files.length === 0) openFile(-1);
arrangeColumns();
redraw();
fillHelp();
if (!fromAddress()) show();
