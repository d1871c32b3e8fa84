namespace OrleansSagas.Shop.Books;

/// <summary>What an effect decides: so much of a unit leaves one account and enters another.</summary>
internal readonly record struct Move(string Unit, string Source, string Target, long Amount);
