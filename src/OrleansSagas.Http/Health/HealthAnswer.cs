namespace OrleansSagas.Http.Health;

internal sealed record HealthAnswer(string Status);
