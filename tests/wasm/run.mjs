// Runs the scenarios: node run.mjs klaw_wasm.wasm
import { readFile } from "node:fs/promises";

const text = new TextDecoder();
const host = {
  say: (at, length) =>
    console.log(text.decode(new Uint8Array(wasm.exports.memory.buffer, at, length))),
};
const { instance: wasm } = await WebAssembly.instantiate(await readFile(process.argv[2]), { host });
process.exitCode = wasm.exports.run();
