// boot starts the machine and saves its state when its guest is there:
//
//     node boot.mjs V86 WORK STATE
//
// V86 is the folder of npm's package, WORK has initrd and the unpacked
// packages.
import fs from "node:fs";
import path from "node:path";
import { file, start } from "./node.mjs";

const [v86, work, out] = process.argv.slice(2);
const began = Date.now();
const bios = path.join(work, "deb/seabios/usr/share/seabios");
const boot = path.join(work, "deb/linux-image/boot");
const vmlinuz = fs.readdirSync(boot).find((name) => name.startsWith("vmlinuz-"));

const machine = await start(v86, {
	bios: file(path.join(bios, "bios.bin")),
	vga_bios: file(path.join(bios, "vgabios-stdvga.bin")),
	bzimage: file(path.join(boot, vmlinuz)),
	initrd: file(path.join(work, "initrd")),
	// Freed memory is zero, so that the state compresses well. What a kernel
	// of Debian does besides, to be hard to attack or to count memory for
	// cgroups, costs an emulated processor a lot, and here there is nobody else.
	cmdline: "console=ttyS0 quiet init_on_free=1 init_on_alloc=0 hardened_usercopy=off randomize_kstack_offset=off cgroup_disable=memory lsm= " +
		"mitigations=off nokaslr tsc=reliable audit=0 random.trust_cpu=on no_timer_check cryptomgr.notests",
	fastboot: true,
});
const run = { id: "fork/glob", what: "twin", language: "c", text: "", stdout: "pipe", claim: "" };
let line = "";
machine.pc.add_listener("serial0-output-byte", (b) => {
	line += String.fromCharCode(b);
	if (b !== 10) return;
	process.stderr.write(`${((Date.now() - began) / 1000).toFixed(0)} s: ${line}`);
	if (line.includes("Kernel panic")) process.exit(1);
	line = "";
});
console.error("the guest is " + await machine.line());
// A whole run and a whole check: what they read is in memory then, and what
// is prepared once for all runs is prepared.
for (const where of ["/api/run", "/api/check"]) {
	const answer = await machine.ask(where, run);
	if (!answer.content) {
		console.error(`${where}: ${JSON.stringify(answer)}`);
		process.exit(1);
	}
}
await machine.ask("/rest", {});
const state = await machine.pc.save_state();
fs.writeFileSync(out, new Uint8Array(state));
console.error(`the state has ${(state.byteLength / 1e6).toFixed(1)} MB`);
process.exit(0);
