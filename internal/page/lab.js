"use strict";
(() => {
	const $ = (id) => document.getElementById(id);
	const make = (tag, cls, ...content) => {
		const e = document.createElement(tag);
		if (cls) e.className = cls;
		e.append(...content.filter((c) => c !== null && c !== undefined));
		return e;
	};
	// t is a text in the reader's language, with values where it has {0}.
	const t = (english, ...values) => ((state && state.words && state.words[english]) || english).replace(/\{(\d)\}/g, (_, i) => values[i]);
	let state = null, x = null; // the lab, the experiment that is shown
	let busy = 0;

	const say = (text, bad) => {
		$("status").textContent = text;
		$("status").className = bad ? "bad" : "";
	};
	const ask = async (path, body) => {
		if (window.machine) return window.machine.ask(path, body); // the lab runs in this page, see internal/browser
		const options = body === undefined ? {} : { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
		const r = await fetch(path, options);
		if (!r.ok) throw new Error((await r.text()).trim() || r.statusText);
		return r.json();
	};
	// working tells what goes on while a request is answered.
	const working = async (text, f) => {
		busy++;
		say(text + " …");
		$("run").disabled = $("check").disabled = true;
		try { await f(); } catch (e) { say(String(e.message || e), true); }
		busy--;
		$("run").disabled = $("check").disabled = busy > 0;
	};

	// The list of experiments, with what has passed.
	const showList = () => {
		const list = $("list");
		list.replaceChildren();
		let folder = "";
		for (const e of state.experiments) {
			if (e.folder !== folder) list.append(make("h2", "", folder = e.folder));
			const b = make("button", "", e.name + (e.exercise ? " ★" : ""));
			b.type = "button";
			b.title = e.id + ": " + e.title + " (" + e.ref + ")";
			if (e.claims) {
				const done = e.passed === e.claims;
				const mark = make("small", done ? "done" : "", done ? "✓" : e.passed + "/" + e.claims);
				mark.setAttribute("aria-label", t("{0} of {1} claims passed", e.passed, e.claims));
				b.append(mark);
			}
			if (x && x.id === e.id) b.setAttribute("aria-current", "true");
			b.addEventListener("click", () => open(e.id));
			list.append(b);
		}
		const now = list.querySelector("[aria-current]"), [box, row] = [list, now || list].map((e) => e.getBoundingClientRect());
		if (now && (row.top < box.top || row.bottom > box.bottom)) list.scrollTop += row.top - box.top - box.height / 2;
	};

	const tab = (name) => {
		for (const b of $("tabs").children) b.setAttribute("aria-pressed", String(b.dataset.tab === name));
		for (const id of ["sheet", "program", "results"]) $(id).hidden = id !== name;
		if (name === "program") colour();
	};
	for (const b of $("tabs").children) b.addEventListener("click", () => tab(b.dataset.tab));

	// open shows an experiment. The last text of it comes back.
	const closeList = (is) => {
		$("list").classList.toggle("closed", is);
		$("menu").setAttribute("aria-expanded", String(!is));
	};
	const open = async (id) => {
		x = await ask("/api/experiment/" + id);
		location.hash = id;
		$("title").textContent = x.id + ": " + x.title + " · " + x.ref;
		document.title = t("{0} · the lab", x.id);
		const sheet = $("sheet");
		sheet.innerHTML = x.sheet; // made by the server from the suite's own lab sheet
		if (x.task) sheet.prepend(make("h3", "", t("Exercise")), make("p", "task", x.task.replace(/([^\n])\n(?=\S)/g, "$1 ")));
		$("results").replaceChildren(make("p", "none", t("Nothing was checked yet.")));
		$("pictures").replaceChildren(make("div", "none", t("Run shows the picture of a run here. Without a program of yours, it runs ours.")));
		$("download").hidden = true;
		$("copy").hidden = !x.twin;
		$("other").querySelector("[value=twin]").hidden = !x.twin;
		$("other").querySelector("[value=ours]").hidden = Boolean(state.machine);
		$("other").value = "";
		const kept = localStorage.getItem("language");
		if (kept) $("language").value = kept;
		load();
		showList();
		if (innerWidth < 900) closeList(true); // it would take the whole screen
		tab(state.follow ? "program" : "sheet");
		say(state.cannot ? t("Nothing can be recorded here ({0}). Run shows recordings that come with the suite.", state.cannot) : state.disposable ? t("This machine is disposable: programs are not isolated.") : state.machine ? t("Programs run in a small computer inside this page: a real Linux kernel on one slow, emulated processor. Its times mean nothing.") : "");
	};

	// The text of a program is kept in the browser, for each experiment and
	// language.
	const key = () => "text " + x.id + " " + $("language").value;
	const load = () => {
		const text = $("text");
		if (state.follow) {
			text.value = x.file || "";
			text.readOnly = true;
			$("followed").textContent = t("follows {0}: save it in your editor", state.follow);
			for (const id of ["language", "starter", "copy"]) $(id).disabled = true;
		} else {
			text.value = localStorage.getItem(key()) || "";
		}
		marks.clear();
		colour();
		age();
	};
	const save = () => {
		if (state.follow) return;
		try { localStorage.setItem(key(), $("text").value); localStorage.setItem("language", $("language").value); } catch (e) { /* a browser may keep nothing */ }
	};

	// Colours: the text area is transparent above a coloured copy.
	const words = {
		c: "auto|break|case|char|const|continue|default|do|double|else|enum|extern|float|for|goto|if|inline|int|long|register|restrict|return|short|signed|sizeof|static|struct|switch|typedef|union|unsigned|void|volatile|while",
		go: "break|case|chan|const|continue|default|defer|else|fallthrough|for|func|go|goto|if|import|interface|map|package|range|return|select|struct|switch|type|var|nil|true|false",
		python: "and|as|assert|async|await|break|class|continue|def|del|elif|else|except|finally|for|from|global|if|import|in|is|lambda|None|nonlocal|not|or|pass|raise|return|True|False|try|while|with|yield",
		sh: "if|then|else|elif|fi|case|esac|for|while|until|do|done|in|exit|wait|trap|exec",
	};
	const marks = new Map(); // messages of the compiler, by line
	const colour = () => {
		if (!state) return;
		const text = $("text").value;
		let language = $("language").value;
		if (state.follow) language = { c: "c", go: "go", py: "python", sh: "sh" }[state.follow.split(".").pop()] || "c";
		const hash = language === "python" || language === "sh";
		const re = new RegExp((hash ? "(#[^\\n]*)" : "(//[^\\n]*|/\\*[\\s\\S]*?(?:\\*/|$(?![\\s\\S]))|^[ \\t]*#[^\\n]*)") + "|(\"(?:\\\\.|[^\"\\\\\\n])*\"?|'(?:\\\\.|[^'\\\\\\n])*'?" + (language === "go" ? "|`[^`]*`?" : "") + ")|\\b(" + words[language] + ")\\b", "gm");
		const into = $("colours");
		into.replaceChildren();
		let at = 0;
		for (const m of text.matchAll(re)) {
			if (m.index > at) into.append(text.slice(at, m.index));
			into.append(make("span", m[1] ? "cm" : m[2] ? "st" : "kw", m[0]));
			at = m.index + m[0].length;
		}
		into.append(text.slice(at) + "\n");
		const numbers = $("numbers");
		numbers.replaceChildren();
		text.split("\n").forEach((_, i) => {
			const n = marks.has(i + 1) ? make("b", "", String(i + 1)) : String(i + 1);
			if (marks.has(i + 1)) n.title = marks.get(i + 1);
			numbers.append(n, "\n");
		});
	};
	// The line numbers stand above the left edge of the text. A browser takes
	// a caret below them for visible.
	const showCaret = () => {
		const text = $("text"), editor = $("editor");
		const before = text.value.slice(0, text.selectionStart), line = before.slice(before.lastIndexOf("\n") + 1);
		let column = 0;
		for (const c of line) column += c === "\t" ? 4 - column % 4 : c > "\u2e7f" ? 2 : 1;
		const left = column * parseFloat(getComputedStyle(text).fontSize) * 0.6;
		if (left < editor.scrollLeft + 20) editor.scrollLeft = Math.max(0, left - 40);
	};
	document.addEventListener("selectionchange", () => { if (document.activeElement === $("text")) showCaret(); });
	$("text").addEventListener("input", () => { marks.clear(); colour(); save(); showCaret(); age(); });
	let leave = false; // after Escape, Tab moves the focus
	$("text").addEventListener("keydown", (e) => {
		if (e.key === "Escape") { leave = true; return; }
		if (e.key === "Tab" && !e.shiftKey && !leave && !e.target.readOnly) {
			e.preventDefault();
			e.target.setRangeText("\t", e.target.selectionStart, e.target.selectionEnd, "end");
			e.target.dispatchEvent(new Event("input"));
		}
		leave = false;
	});
	const write = (text) => {
		if ($("text").value.trim() && !confirm(t("Replace your text?"))) return;
		$("text").value = text;
		marks.clear();
		colour();
		save();
		age();
	};
	$("starter").addEventListener("click", () => write(x.starters[$("language").value] || ""));
	$("copy").addEventListener("click", () => { $("language").value = "c"; write(x.twin); });
	$("language").addEventListener("change", () => { localStorage.setItem("language", $("language").value); load(); });

	// what is run: the followed file, the text, or our program.
	const request = (what) => ({ id: x.id, what, language: $("language").value, text: what === "text" ? $("text").value : "", stdout: $("stdout").value, claim: "" });
	const mine = () => state.follow ? "file" : $("text").value.trim() ? "text" : state.machine ? "twin" : "ours";
	const called = (what) => ({ file: t("your file"), text: t("your program"), ours: t("our program"), twin: t("the C twin") })[what];

	const faults = (out) => {
		marks.clear();
		const list = make("div", "", make("h3", "", out.error));
		for (const m of out.messages || []) {
			list.append(make("p", "", m.line ? make("strong", "", t("line {0}: ", m.line)) : "", m.text));
			if (m.line && !marks.has(m.line)) marks.set(m.line, m.text);
		}
		colour();
		age(true);
		$("results").replaceChildren(list);
		tab(out.messages ? (marks.size ? "program" : "results") : "results");
		const first = out.messages && out.messages.find((m) => m.line);
		say(out.error + (first ? " " + t("Line {0}: {1}", first.line, first.text) : ""), true);
	};
	const picture = (what, page, text) => {
		const f = make("iframe");
		f.src = page;
		f.title = t("The run of {0}", called(what));
		const figure = make("figure", "", make("figcaption", "", called(what)), f);
		figure.shows = { what, text };
		return figure;
	};
	// age marks a picture whose program is not the one of the editor, or of
	// the file, any more.
	const age = (refused) => {
		for (const f of document.querySelectorAll("#pictures figure")) {
			const { what, text } = f.shows;
			const old = what === "text" ? text !== $("text").value : what === "file" && Boolean(refused);
			f.classList.toggle("old", old);
			f.firstChild.textContent = old ? t("{0}, before the last change", called(what)) : called(what);
		}
	};
	const offer = (out) => {
		$("download").href = out.file || out.page + "?download";
		if (out.file) $("download").download = x.id.replace("/", "-") + ".html";
		$("download").hidden = false;
	};
	const run = () => working(t("Running {0}", called(mine())), async () => {
		const what = mine(), { text } = request(what);
		const out = await ask("/api/run", request(what));
		if (out.error) return faults(out);
		marks.clear();
		colour();
		const pictures = [picture(what, out.page, text)];
		offer(out);
		const other = $("other").value;
		if (other && other !== what) {
			const second = await ask("/api/run", request(other));
			if (second.error) say(second.error, true);
			else pictures.push(picture(other, second.page));
		}
		$("pictures").replaceChildren(...pictures);
		age();
		closeList(pictures.length > 1 || innerWidth < 1200);
		say((out.replayed ? t("This recording comes with the suite.") : t("Ran in {0} ms.", out.took)) + (out.timedOut ? t(" The time limit ended it.") : "") + (out.flood ? " " + out.flood : "") + (out.isolated === false && !out.replayed ? t(" It was not isolated.") : ""));
	});

	const check = () => working(t("Checking {0}", called(mine())), async () => {
		const what = mine(), { text } = request(what);
		const out = await ask("/api/check", request(what));
		if (out.error) return faults(out);
		marks.clear();
		const box = $("results");
		box.replaceChildren();
		for (const r of out.results) box.append(verdict(r));
		if (out.page) {
			$("pictures").replaceChildren(picture(what, out.page, text));
			age();
			offer(out);
		}
		for (const r of out.results) if (r.line && r.status !== "pass" && !marks.has(r.line)) marks.set(r.line, r.name + ": " + r.observed);
		colour();
		tab("results");
		const bad = out.results.filter((r) => r.status === "fail" || r.status === "timeout").length;
		say(bad ? t("{0} of {1} claims failed.", bad, out.results.length) : t("No claim failed."), bad > 0);
		state = await ask("/api/state");
		showList();
	});
	const verdict = (r) => {
		const box = make("div", "result " + r.status, make("p", "", make("b", "", r.status), " " + r.name));
		box.append(make("p", "", r.says));
		const list = make("dl");
		const add = (k, v) => { if (v) list.append(make("dt", "", k), make("dd", "", v)); };
		if (r.status !== "pass") {
			add(t("observed"), r.observed);
			add(t("means"), r.means);
			add(t("reason"), r.reason);
			add(t("needs"), r.after);
		}
		for (const m of r.remarks || []) add(t("remark"), m);
		add(t("book"), r.ref);
		if (r.line) add(t("line"), String(r.line));
		box.append(list);
		if (r.status === "fail" || r.status === "timeout") {
			const hints = make("ol", "hints");
			let n = 0;
			const b = make("button", "", t("Hint"));
			b.type = "button";
			b.addEventListener("click", async () => {
				try {
					const out = await ask("/api/hint", { id: x.id, claim: r.name, n: n + 1 });
					hints.replaceChildren(...out.hints.map((h) => make("li", "", h)));
					n = out.hints.length;
					b.textContent = n < out.of ? t("Hint {0} of {1}", n + 1, out.of) : t("There is no further hint");
					b.disabled = n >= out.of;
				} catch (e) { say(String(e.message), true); }
			});
			box.append(b, hints);
		}
		return box;
	};

	$("run").addEventListener("click", run);
	$("check").addEventListener("click", check);
	$("menu").addEventListener("click", () => closeList(!$("list").classList.contains("closed")));
	document.addEventListener("keydown", (e) => {
		if (e.key === "Enter" && (e.ctrlKey || e.metaKey) && x && !busy) { e.preventDefault(); run(); return; }
		// After a click nothing has the focus, or a button has it. The
		// picture says which keys step through it.
		const f = document.querySelector("#pictures iframe"), on = document.activeElement;
		if (!f || innerWidth <= 900 || e.ctrlKey || e.altKey || e.metaKey || on !== document.body && (on.tagName !== "BUTTON" || e.key === " ")) return;
		if (f.contentDocument.dispatchEvent(new KeyboardEvent("keydown", { key: e.key, shiftKey: e.shiftKey, cancelable: true }))) return;
		e.preventDefault();
		f.focus();
	});

	// The token is in the fragment of the address, which is never sent. It
	// is given away for a cookie once, and leaves the address.
	const begin = async () => {
		const token = /^#token=(\w+)$/.exec(location.hash);
		let wanted = token ? "" : location.hash.slice(1);
		try {
			if (token) {
				await ask("/api/enter", { token: token[1] });
				history.replaceState(null, "", "/");
			}
			state = await ask("/api/state");
			for (const l of state.languages) {
				const o = make("option", "", l.Label);
				o.value = l.Name;
				$("language").append(o);
			}
			if (!state.experiments.some((e) => e.id === wanted)) wanted = state.start;
			await open(wanted);
		} catch (e) {
			say(String(e.message || e), true);
			return;
		}
		// The machine in this page runs our program at once: the first picture
		// is there when the reader has looked around, and what comes next is
		// faster, because the emulator has translated by then what a run needs.
		if (state.machine && mine() === "twin" && x.twin) run();
		if (state.follow) {
			const changes = new EventSource("/api/changes");
			changes.addEventListener("changed", async () => {
				x = await ask("/api/experiment/" + x.id);
				load();
				run();
			});
			run();
		}
	};
	begin();
})();
