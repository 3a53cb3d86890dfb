// ask restores the machine and asks its guest, without a page:
//
//     node ask.mjs V86 STATE <REQUESTS >ANSWERS
//
// A request is a line of JSON, [method, path, body]; so is an answer:
// {took, status, body}, with the milliseconds that it took. A machine
// that does not answer for some minutes is set back, and the answer has
// the status 0.
import readline from "node:readline";
import { file, start } from "./node.mjs";

const [v86, saved] = process.argv.slice(2);
const began = Date.now();
const initial_state = file(saved);
const machine = await start(v86, { initial_state });
await new Promise((f) => machine.pc.add_listener("emulator-started", f));
console.error(`restored in ${Date.now() - began} ms`);
for await (const line of readline.createInterface({ input: process.stdin })) {
	const [method, where, body] = JSON.parse(line);
	const at = Date.now();
	let clock;
	const late = new Promise((f) => { clock = setTimeout(() => f(null), 300e3); });
	let answer = await Promise.race([machine.ask(method, where, body), late]);
	clearTimeout(clock);
	if (!answer) {
		answer = { status: 0, body: "no answer" };
		await machine.pc.stop();
		await machine.pc.restore_state(initial_state.buffer);
		await machine.pc.run();
	}
	console.log(JSON.stringify({ took: Date.now() - at, ...answer }));
}
process.exit(0);
