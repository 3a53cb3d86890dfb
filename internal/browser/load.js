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
	const known = load("lab.json", "json"); // what needs no machine
	const saved = load("state.zst", "arrayBuffer");
	for (const p of [known, saved]) p.catch(() => {}); // reported where it is awaited

	let pc = null, got = [], heard = () => {};
	const start = async () => {
		const buffer = await saved;
		pc = new V86({
			...memory, wasm_path: "v86.wasm", initial_state: { buffer }, virtio_console: true, autostart: true,
			disable_keyboard: true, disable_mouse: true, disable_speaker: true,
		});
		pc.add_listener("virtio-console0-output-bytes", (bytes) => { got.push(...bytes); heard(); });
		await new Promise((f) => pc.add_listener("emulator-started", f));
	};
	const ready = start();
	ready.catch(() => {});

	const text = (bytes) => new TextDecoder().decode(new Uint8Array(bytes));
	// send asks the guest and waits for its whole answer.
	const send = async (method, path, body) => {
		await ready;
		got = [];
		let late = false;
		const clock = setTimeout(() => { late = true; heard(); }, patience * 1000);
		pc.bus.send("virtio-console0-input-bytes", new TextEncoder().encode(JSON.stringify({ method, path, body: body === undefined ? "" : JSON.stringify(body) }) + "\n"));
		try {
			for (;;) {
				const end = got.indexOf(10);
				if (end >= 0) {
					const { status, length } = JSON.parse(text(got.slice(0, end)));
					if (got.length > end + length) {
						const answer = text(got.slice(end + 1, end + 1 + length));
						if (status !== 200) throw new Error(answer.trim());
						return answer;
					}
				}
				if (late) throw new Error("The computer inside this page did not answer for " + patience + " s.");
				await new Promise((f) => { heard = f; });
			}
		} finally { clearTimeout(clock); }
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
			out = JSON.parse(await send("POST", path, body));
			if (out.page) out.page = out.file = picture(await send("GET", out.page));
		} catch (e) {
			await reset();
			throw new Error((e.message || e) + " It was set back to its start. The next run works; your text is still here.");
		}
		if (out.timedOut || out.flood) await reset(); // nothing of such a program is left
		return out;
	});
	const picture = (html) => {
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
