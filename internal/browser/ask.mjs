// ask restores the machine and asks its guest, without a page:
//
//     node ask.mjs V86 STATE [SLOW] <REQUESTS >ANSWERS
//
// A line that is no JSON goes to the shell on the machine's first serial
// line, whose output is printed on standard error. A request is a line of
// JSON, [path, body]; so is an answer: {took, cpu, answer}, with the
// milliseconds that it took. A machine that does not answer for some
// minutes is set back, and the answer is null.
import readline from "node:readline";
import { file, start } from "./node.mjs";

const [v86, saved, slow = "1"] = process.argv.slice(2);
// The machine's clock runs slower on a machine that is busy with others.
const real = performance.now.bind(performance);
Object.defineProperty(performance, "now", { value: () => real() / Number(slow) });
const began = Date.now();
const initial_state = file(saved);
const machine = await start(v86, { initial_state });
await new Promise((f) => machine.pc.add_listener("emulator-started", f));
console.error(`restored in ${Date.now() - began} ms`);
let said = "";
machine.pc.add_listener("serial0-output-byte", (b) => { said += String.fromCharCode(b); process.stderr.write(String.fromCharCode(b)); });
const shell = async (command) => {
	said = "";
	machine.pc.serial0_send(command + "\necho do''ne\n");
	while (!said.includes("done\r\n")) await new Promise((f) => setTimeout(f, 50));
};
for await (const line of readline.createInterface({ input: process.stdin })) {
	if (!line.startsWith("[")) {
		await shell(line);
		continue;
	}
	const [where, body] = JSON.parse(line);
	const at = Date.now(), cpu = process.cpuUsage();
	let clock;
	const late = new Promise((f) => { clock = setTimeout(() => f(null), 1200e3); });
	let answer = await Promise.race([machine.ask(where, body), late]);
	clearTimeout(clock);
	if (!answer) {
		await machine.pc.stop();
		await machine.pc.restore_state(initial_state.buffer);
		await machine.pc.run();
	}
	console.log(JSON.stringify({ took: Date.now() - at, cpu: Math.round((process.cpuUsage(cpu).user + process.cpuUsage(cpu).system) / 1e3), answer }));
}
process.exit(0);
