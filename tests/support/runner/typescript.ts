import { enableCompileCache, getCompileCacheDir, setSourceMapsSupport } from "node:module";
import { register } from "tsx/esm/api";

// Whatever is imported from here on may be any TypeScript, with decorators and parameter properties.
setSourceMapsSupport(true, { nodeModules: false, generatedCode: false });
register();
// Workers of Jest and servers that tests start read the same code again.
enableCompileCache();
process.env["NODE_COMPILE_CACHE"] ??= getCompileCacheDir();
