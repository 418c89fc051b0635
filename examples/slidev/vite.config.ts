// Vue is told that <fault-walk> is no component of its own.
import { defineConfig } from "vite";

export default defineConfig({
  slidev: { vue: { template: { compilerOptions: { isCustomElement: (tag: string) => tag === "fault-walk" } } } },
});
