using Ledgerfold.Server.Security.Auditing;
using Ledgerfold.Server.Security.Counting;
using Ledgerfold.Server.Security.Governing;
using Ledgerfold.Server.Security.Proving;
using Ledgerfold.Server.Security.Serving;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Ledgerfold.Server.Security;

/// <summary>Brings the guards into the server.</summary>
internal static class SecurityServices
{
    /// <summary>
    /// Adds policies, audit, keys, sign-in, sessions and limits. The ledger must be among the services already: policies are read behind
    /// its opening, and before the first request.
    /// </summary>
    public static IServiceCollection AddSecurity(this IServiceCollection services, SecurityOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        services.AddSingleton(options);
        services.AddSingleton(static all => new PolicyWatch(all.GetRequiredService<ILedger>(), Of(all).Clock));
        services.AddHostedService<PolicyStart>();
        services.AddSingleton(static all => new AuditLog(all.GetRequiredService<ILedger>(), Of(all).Clock, Of(all).Chance, Of(all).Audit));
        services.AddSingleton(static all => new PolicyDesk(
            all.GetRequiredService<ILedger>(), all.GetRequiredService<PolicyWatch>(), all.GetRequiredService<AuditLog>(),
            Of(all).Clock, Of(all).Chance));
        services.AddSingleton(static all => new KeyOffice(all.GetRequiredService<PolicyDesk>(), Of(all).Chance));
        services.AddSingleton(static all => new SignIn(
            all.GetRequiredService<PolicyWatch>(), all.GetRequiredService<PolicyDesk>(), all.GetRequiredService<AuditLog>(), Of(all)));
        services.AddSingleton(static all => new FirstStart(
            all.GetRequiredService<PolicyWatch>(), all.GetRequiredService<PolicyDesk>(), all.GetRequiredService<AuditLog>(), Of(all)));
        services.AddSingleton(static all => new RequestRates(Of(all).Limits.PrincipalsMax, Of(all).Clock));
        services.AddSingleton(static all => new FollowSlots(Of(all).Limits.FollowsMax));
        services.Configure<KestrelServerOptions>(kestrel => options.Limits.ApplyTo(kestrel.Limits));
        services.Configure<JsonOptions>(json => json.SerializerOptions.MaxDepth = options.Limits.JsonDepthMax);
        AddAuthentication(services);
        services.AddAntiforgery(static forgery =>
        {
            forgery.HeaderName = Forgery.Header;
            forgery.Cookie.Name = "ledgerfold-token";
            forgery.Cookie.HttpOnly = true;
            forgery.Cookie.SameSite = SameSiteMode.Strict;
            forgery.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
        });
        services.AddDataProtection().SetApplicationName("Ledgerfold").PersistKeysToFileSystem(KeysBelow(options.Directory));
        return services;
    }

    private static void AddAuthentication(IServiceCollection services)
    {
        services.AddAuthentication(Schemes.Either)
            .AddPolicyScheme(Schemes.Either, null, static scheme => scheme.ForwardDefaultSelector = static http =>
                http.Request.Headers.Authorization.Count > 0 ? Schemes.Key : Schemes.Session)
            .AddScheme<AuthenticationSchemeOptions, KeyHandler>(Schemes.Key, null)
            .AddCookie(Schemes.Session);
        services.AddOptions<CookieAuthenticationOptions>(Schemes.Session).Configure<PolicyWatch, SecurityOptions>(Sessions.Configure);
    }

    private static SecurityOptions Of(IServiceProvider all) => all.GetRequiredService<SecurityOptions>();

    // Whoever reads these keys can make cookies: they are for the server's own user alone.
    private static DirectoryInfo KeysBelow(string directory)
    {
        var keys = Path.Combine(directory, "keys");
        return OperatingSystem.IsWindows()
            ? Directory.CreateDirectory(keys)
            : Directory.CreateDirectory(keys, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
