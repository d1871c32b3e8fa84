using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using OrleansSagas.Http.Problems;

namespace OrleansSagas.Silo.Access;

/// <summary>Authenticates by a key, sent as a bearer token or, by a browser, as a password.</summary>
internal sealed class ApiKeyAuthenticationHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options,
    ILoggerFactory logger,
    UrlEncoder encoder,
    KeyRing ring
) : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public const string SchemeName = "ApiKey";

    private SagaProblem? _foreign;

    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var authorization = Request.Headers.Authorization;
        var sent = authorization.Count == 1 ? authorization[0] : null;
        if (ring.Find(sent) is not { } caller)
            return Task.FromResult(AuthenticateResult.NoResult());
        // What a browser sends by itself is no proof that its user meant it.
        _foreign = KeyRing.IsOfABrowser(sent) ? LoopbackGuard.ForeignRefusal(Request) : null;
        return Task.FromResult(
            _foreign is null ? AuthenticateResult.Success(new(caller, SchemeName)) : AuthenticateResult.Fail(_foreign.Detail!)
        );
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        if (_foreign is not null)
            return _foreign.ExecuteAsync(Context);
        var isWrong = Request.Headers.Authorization.Count > 0;
        var bearer = isWrong ? "Bearer realm=\"OrleansSagas\", error=\"invalid_token\"" : "Bearer realm=\"OrleansSagas\"";
        // A person at a browser is asked for the key; a program is not led to think that there are passwords.
        Response.Headers.WWWAuthenticate = IsForAPage(Request)
            ? new string[] { bearer, "Basic realm=\"OrleansSagas\", charset=\"UTF-8\"" }
            : bearer;
        return new SagaProblem(
            StatusCodes.Status401Unauthorized,
            SagaProblems.Unauthorized,
            "Not authorized",
            isWrong
                ? "The key in the Authorization header is not one that is configured here."
                : "Send Authorization: Bearer with a key that is configured here."
        ).ExecuteAsync(Context);
    }

    private static bool IsForAPage(HttpRequest request) =>
        HttpMethods.IsGet(request.Method) && request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase);
}
