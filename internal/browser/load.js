"use strict";
// The machine of the lab: a PC that is emulated in this page. Its saved
// state is loaded once; the script of the page asks it as it would ask
// ch8 serve.
window.machine = (() => {
	const memory = { memory_size: 128 << 20, vga_memory_size: 1 << 20 }; // as when the state was saved
	const patience = 240; // seconds for one request
	const load = async (name, as) => {
		const r = await fetch(name);
		if (!r.ok) throw new Error(name + ": " + r.status + " " + r.statusText);
		return r[as]();
	};
	// unpacked is a file that was compressed by gzip, as a server that
	// does not compress sends it.
	const unpacked = async (name, type) => new Response((await load(name, "blob")).stream().pipeThrough(new DecompressionStream("gzip")), { headers: { "Content-Type": type } });
	const known = unpacked("lab.json.gz", "application/json").then((r) => r.json()); // what needs no machine
	const emulator = unpacked("v86.wasm.gz", "application/wasm");
	const saved = load("state.zst", "arrayBuffer");
	for (const p of [known, emulator, saved]) p.catch(() => {}); // reported where it is awaited

	let pc = null, got = [], heard = () => {};
	const start = async () => {
		const buffer = await saved;
		pc = new V86({
			...memory, wasm_fn: async (imports) => (await WebAssembly.instantiateStreaming(emulator, imports)).instance.exports, initial_state: { buffer }, virtio_console: true, autostart: true,
			disable_keyboard: true, disable_mouse: true, disable_speaker: true,
		});
		pc.add_listener("virtio-console0-output-bytes", (bytes) => { got.push(new Uint8Array(bytes)); heard(); });
		await new Promise((f) => pc.add_listener("emulator-started", f));
	};
	const ready = start();
	ready.catch(() => {});

	// send asks the guest and waits for its answer, which is one line.
	const send = async (path, body) => {
		await ready;
		got = [];
		let late = false;
		const clock = setTimeout(() => { late = true; heard(); }, patience * 1000);
		pc.bus.send("virtio-console0-input-bytes", new TextEncoder().encode(JSON.stringify({ path, body }) + "\n"));
		try {
			while (!got.length || got.at(-1).at(-1) !== 10) {
				if (late) throw new Error("The computer inside this page did not answer for " + patience + " s.");
				await new Promise((f) => { heard = f; });
			}
		} finally { clearTimeout(clock); }
		return JSON.parse(await new Blob(got).text());
	};
	// reset sets the machine back to its saved state.
	const reset = async () => {
		await pc.stop();
		await pc.restore_state(await saved);
		await pc.run();
	};

	// Requests are answered one after another.
	let last = Promise.resolve();
	const next = (f) => {
		const turn = last.then(f);
		last = turn.catch(() => {});
		return turn;
	};
	let shown = []; // addresses of pictures
	const ran = (path, body) => next(async () => {
		let out;
		try {
			out = await send(path, body);
			if (out.content) out.page = out.file = picture((await known)["/run"], out.content);
		} catch (e) {
			await reset();
			throw new Error((e.message || e) + " It was set back to its start. The next run works; your text is still here.");
		}
		const failed = out.error && !out.messages; // not by a compiler
		if (out.timedOut || out.flood || failed) { // nothing of such a program is left
			await reset();
			const back = "The computer was set back to its start.";
			if (failed) out.error += ". " + back;
			else out.flood = [out.flood, back].filter(Boolean).join("; ");
		}
		return out;
	});
	// picture is the address of the page of a run.
	const picture = (html, content) => {
		const safe = (text) => text.replace(/[&<>"']/g, (c) => "&#" + c.charCodeAt(0) + ";");
		const about = content.steps.slice(0, 5).map((step) => step.t + ". ").join("").trim();
		const data = JSON.stringify(content).replace(/</g, "\\u003c");
		for (const [mark, text] of [["ch8-title", safe(content.title)], ["ch8-description", safe(about)], ["ch8-content", data]]) html = html.replaceAll(mark, () => text);
		const address = URL.createObjectURL(new Blob([html], { type: "text/html" }));
		shown.push(address);
		if (shown.length > 8) URL.revokeObjectURL(shown.shift());
		return address;
	};

	// What has passed is kept in this browser.
	const progress = () => {
		try { return JSON.parse(localStorage.getItem("passed")) || {}; } catch (e) { return {}; }
	};
	const note = (id, results) => {
		const passed = progress();
		for (const r of results) {
			delete passed[id + "/" + r.name];
			if (r.status === "pass") passed[id + "/" + r.name] = true;
		}
		try { localStorage.setItem("passed", JSON.stringify(passed)); } catch (e) { /* a browser may keep nothing */ }
	};
	const state = async () => {
		const all = await known, passed = progress(), out = structuredClone(all["/api/state"]);
		for (const e of out.experiments) {
			if (e.exercise) e.passed = all["/api/experiment/" + e.id].claims.filter((c) => passed[e.id + "/" + c.name]).length;
		}
		return out;
	};

	return {
		ready,
		ask: async (path, body) => {
			if (path === "/api/state") return state();
			if (path === "/api/hint") {
				const hints = (await known)["/api/hint/" + body.id + "/" + body.claim];
				return { hints: hints.slice(0, body.n), of: hints.length };
			}
			if (path === "/api/run" || path === "/api/check") {
				const out = await ran(path, body);
				if (path === "/api/check" && body.what === "text" && out.results) note(body.id, out.results);
				return out;
			}
			return (await known)[path];
		},
	};
})();
