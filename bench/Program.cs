using OrleansSagas.Bench;
using OrleansSagas.Bench.Load;

// Before the first socket of this process: the runtime reads these once.
GeneratorRuntime.Prepare();
return await BenchCommandLine.Create().Parse(args).InvokeAsync();
