/** Which runtime the tests run on. Where it makes a difference the test says which; `docs/runtimes.md` lists them. */
export const onDeno = "Deno" in globalThis;
