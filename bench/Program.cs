using OrleansSagas.Bench;
using OrleansSagas.Bench.Load;
using OrleansSagas.Bench.Silo;

// Before the first socket of this process: the runtime reads these once. Not in the silo: there a completion may block.
if (args is not [SiloCommand.Name, ..])
    GeneratorRuntime.Prepare();
return await BenchCommandLine.Create().Parse(args).InvokeAsync();
