// What boot.mjs and ask.mjs share: a machine in node, and the line to its
// guest.
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";

// file is a file as v86 wants it.
export const file = (name) => {
	const b = fs.readFileSync(name);
	return { buffer: b.buffer.slice(b.byteOffset, b.byteOffset + b.length) };
};

// start starts a machine: v86 is the folder of npm's package.
export const start = async (v86, options) => {
	const { V86 } = await import(pathToFileURL(path.join(v86, "build/libv86.mjs")));
	const pc = new V86({
		wasm_path: path.join(v86, "build/v86.wasm"),
		memory_size: 128 << 20,
		vga_memory_size: 1 << 20,
		virtio_console: true,
		autostart: true,
		disable_keyboard: true,
		disable_mouse: true,
		disable_speaker: true,
		...options,
	});
	let got = [], heard = () => {};
	pc.add_listener("virtio-console0-output-bytes", (bytes) => { got.push(...bytes); heard(); });
	const more = () => new Promise((f) => { heard = f; });
	const text = (bytes) => new TextDecoder().decode(new Uint8Array(bytes));
	return {
		pc,
		// line is the next line that the guest says by itself.
		line: async () => {
			while (!got.includes(10)) await more();
			return text(got.splice(0, got.indexOf(10) + 1)).trim();
		},
		// ask sends a request and returns the answer.
		ask: async (where, body) => {
			got = [];
			pc.bus.send("virtio-console0-input-bytes", new TextEncoder().encode(JSON.stringify({ path: where, body }) + "\n"));
			while (!got.includes(10)) await more();
			return JSON.parse(text(got));
		},
	};
};
