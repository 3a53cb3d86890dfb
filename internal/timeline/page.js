
"use strict";
(() => {
	const id = (s) => document.getElementById(s);
	const rows = document.querySelectorAll(".chunk > li");
	const chunks = document.querySelectorAll(".chunk");
	const lanes = Array.from(id("lanes").children, (li) => li.textContent);
	const births = document.querySelectorAll("[data-b]");
	const words = ["", "running", "in wait", "suspended", "stopped", "zombie", ""];
	const last = rows.length, size = Number(document.querySelector("main").dataset.chunk);
	let at = 0; // steps shown; 0 is before the first
	let all = true; // nothing is singled out yet

	const text = (row, sel) => {
		const e = row.querySelector(sel);
		return e ? e.textContent : "";
	};

	// What every living process does after step n.
	const processes = (n) => {
		const state = [];
		for (let i = 0; i < n; i++) {
			const c = rows[i].dataset.c;
			if (!c) continue;
			for (const pair of c.split(" ")) {
				const [lane, s] = pair.split(":");
				state[lane] = Number(s);
			}
		}
		const list = [];
		let more = 0;
		state.forEach((s, lane) => {
			if (!words[s]) return;
			if (list.length < 12) list.push(lanes[lane] + " " + words[s]);
			else more++;
		});
		return (list.length ? "Now: " + list.join(" · ") : "Now: nobody is left") + (more ? " · " + more + " more" : "");
	};

	// Rows after the current one: whole lists at once, and single
	// rows only in the list that holds the current one.
	let marked = -1;
	const later = () => {
		const n = all ? last : at;
		const here = Math.max(0, Math.min(chunks.length - 1, Math.floor((n - 1) / size)));
		chunks.forEach((c, i) => c.classList.toggle("later", i > here));
		for (const k of new Set([marked, here])) {
			if (k < 0 || !chunks[k]) continue;
			const items = chunks[k].children;
			for (let i = 0; i < items.length; i++) {
				items[i].classList.toggle("later", k === here && k * size + i >= n);
			}
		}
		marked = here;
		// A name above a lane would tell that there will be one.
		const hiding = document.body.classList.contains("hiding");
		births.forEach((e) => e.classList.toggle("unborn", hiding && !all && Number(e.dataset.b) > at));
	};

	// The current row is brought into view once a frame, however many
	// steps a held key makes in it; and once more, for what came into
	// view has its height only then. Not under the names or behind the
	// sentence: both are as high as what they say.
	let scrolling = false;
	const intoView = () => {
		if (scrolling) return;
		scrolling = true;
		const scroll = () => {
			const above = document.querySelector(".bar").offsetHeight, below = id("now").offsetHeight;
			document.documentElement.style.scrollPadding = above + "px 0 " + below + "px";
			id("notes").style.setProperty("--below", below + "px");
			if (now) now.scrollIntoView({ block: "nearest" });
		};
		requestAnimationFrame(() => {
			scrolling = false;
			scroll();
			requestAnimationFrame(scroll);
		});
	};

	// The address names the step once the steps pause: a browser takes
	// long over it, and allows it only so often.
	let naming = 0;
	const name = () => {
		try {
			history.replaceState(null, "", all ? location.pathname + location.search : "#step=" + at);
		} catch (e) {
			// A page from a file may not be allowed to; the steps work.
		}
	};

	let now = null;
	const show = () => {
		later();
		if (now) {
			now.classList.remove("now");
			now.removeAttribute("aria-current");
			now = null;
		}
		const bar = id("now");
		document.body.classList.toggle("on", !all);
		bar.hidden = all;
		if (!all) {
			const row = at > 0 ? rows[at - 1] : null;
			bar.querySelector(".k").textContent = row ? "Step " + at + " of " + last + (text(row, ".k") ? ", at " + text(row, ".k") : "") : "Before the first of " + last + " steps";
			bar.querySelector(".t").textContent = row ? text(row, ".t") : "What will happen first?";
			bar.querySelector(".d").textContent = row ? text(row, ".d") : "";
			bar.querySelector(".s").textContent = row ? text(row, ".s") : "";
			bar.querySelector(".ps").textContent = row ? processes(at) : "";
			if (row) {
				now = row;
				row.classList.add("now");
				row.setAttribute("aria-current", "step");
				intoView();
			} else {
				window.scrollTo(0, 0);
			}
		}
		id("at").value = all ? last : at;
		id("of").textContent = all ? "all " + last : at + " / " + last;
		id("back").disabled = id("first").disabled = !all && at === 0;
		id("next").disabled = id("last").disabled = !all && at === last;
		clearTimeout(naming);
		naming = setTimeout(name, 250);
	};
	const go = (n) => {
		all = false;
		at = Math.max(0, Math.min(last, n));
		show();
	};
	const next = () => go(all ? 1 : at + 1);
	const back = () => go(all ? last - 1 : at - 1);

	id("first").addEventListener("click", () => go(0));
	id("back").addEventListener("click", back);
	id("next").addEventListener("click", next);
	id("last").addEventListener("click", () => go(last));
	id("at").addEventListener("input", (e) => go(Number(e.target.value)));
	id("hide").addEventListener("change", (e) => {
		document.body.classList.toggle("hiding", e.target.checked);
		later();
	});
	document.querySelector("main").addEventListener("click", (e) => {
		const row = e.target.closest(".chunk > li");
		if (row && !String(getSelection())) go(Number(row.id.slice(1)));
	});
	document.addEventListener("keydown", (e) => {
		if (e.ctrlKey || e.altKey || e.metaKey) return;
		const button = e.target instanceof HTMLButtonElement;
		const box = e.target.type === "checkbox";
		switch (e.key) {
		case "ArrowRight": case "ArrowDown": case "n": next(); break;
		case "ArrowLeft": case "ArrowUp": case "b": back(); break;
		case "PageDown": go((all ? 0 : at) + 10); break;
		case "PageUp": go((all ? last : at) - 10); break;
		case "Home": go(0); break;
		case "End": go(last); break;
		case " ":
			if (button || box) return;
			if (e.shiftKey) back(); else next();
			break;
		case "a": case "Escape": all = true; show(); break;
		default: return;
		}
		e.preventDefault();
	});

	// The address names a step at first, or when somebody changes it.
	const fromAddress = () => {
		const hash = /^#step=(\d+)$/.exec(location.hash);
		if (hash) go(Number(hash[1]));
		return hash;
	};
	window.addEventListener("hashchange", fromAddress);

	document.body.classList.toggle("hiding", id("hide").checked);
	document.querySelector(".tools").hidden = false;
	if (!fromAddress()) show();
})();
