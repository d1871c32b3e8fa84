using OrleansSagas.AppHost;

await SagaApp.Compose(args).Build().RunAsync();
