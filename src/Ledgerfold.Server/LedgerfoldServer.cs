using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using System.Text.Json.Serialization;
using Ledgerfold.Http;
using Ledgerfold.Http.Idempotency;
using Ledgerfold.Http.Problems;
using Ledgerfold.Model.CloudEvents;
using Ledgerfold.Model.Exploring;
using Ledgerfold.Model.Timelines;
using Ledgerfold.Server.Clock;
using Ledgerfold.Server.Endpoints;
using Ledgerfold.Server.Following;
using Ledgerfold.Server.Metrics;
using Ledgerfold.Server.Security;
using Ledgerfold.Server.Security.Endpoints;
using Ledgerfold.Server.Security.Serving;
using Ledgerfold.Server.Tracing;
using Ledgerfold.Storage;

namespace Ledgerfold.Server;

/// <summary>Puts the server together: the platform, its API, and the systems that run on it.</summary>
internal static class LedgerfoldServer
{
    /// <param name="options">How it was started.</param>
    /// <param name="systems">What runs on it.</param>
    /// <param name="guard">How it guards itself, where that is to differ.</param>
    public static WebApplication Build(
        ServerOptions options, IReadOnlyList<ISystem> systems, Func<SecurityOptions, SecurityOptions>? guard = null)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.Sources.Clear(); // nothing in the environment changes what the command line says
        builder.Configuration.AddInMemoryCollection();
        builder.WebHost.UseUrls(options.Urls.Split(';'));
        builder.WebHost.ConfigureKestrel(static kestrel => kestrel.AddServerHeader = false);
        if (options.HasTls)
            UseTls(builder.WebHost, options);
        builder.Logging.AddSimpleConsole().SetMinimumLevel(LogLevel.Warning)
            .AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None) // why it did not start is said by whoever started it
            .AddFilter("Microsoft.AspNetCore.Antiforgery", LogLevel.Error) // a call without a token is answered, and nothing to look after
            .AddFilter("Microsoft.AspNetCore.DataProtection", LogLevel.Error); // its keys are guarded by the rights on their directory
        var clock = new ForwardClock();
        var ledgerfold = AddPlatform(builder.Services, options, clock);
        var security = new SecurityOptions { Directory = options.Data, Clock = clock };
        security = guard is null ? security : guard(security);
        builder.Services.AddSecurity(security);
        foreach (var system in systems)
            system.Add(ledgerfold);
        builder.Services.AddProblems([.. AccessProblems.All, .. systems.SelectMany(static system => system.Problems)]);
        builder.Services.AddOpenApi();
        builder.Services.ConfigureHttpJsonOptions(static json => Configure(json.SerializerOptions));
        var app = builder.Build();
        _ = app.Services.GetRequiredService<MeterReadings>(); // counts from the start on
        if (options.Collector is not null)
            _ = app.Services.GetRequiredService<Export>(); // likewise
        app.UseCallSpans();
        app.UseProblems();
        app.UseRouting();
        app.UseAdmission();
        app.UseAuthentication();
        app.Use(Throttle.Guard);
        app.Use(Forgery.Guard);
        app.Use(PermissionGate.Guard);
        app.UseDryRuns();
        app.UseIdempotentCalls();
        Map(app, options, systems);
        return app;
    }

    private static void UseTls(IWebHostBuilder host, ServerOptions options)
    {
        var certificate = X509Certificate2.CreateFromPemFile(options.Certificate!, options.CertificateKey);
        var chain = new X509Certificate2Collection();
        chain.ImportFromPemFile(options.Certificate!);
        host.UseKestrelHttpsConfiguration();
        host.ConfigureKestrel(kestrel => kestrel.ConfigureHttpsDefaults(https =>
        {
            https.ServerCertificate = certificate;
            https.ServerCertificateChain = chain;
        }));
    }

    /// <summary>How everything on the wire is written; numbers in a text are not taken, and neither is a text for a number.</summary>
    private static void Configure(JsonSerializerOptions json)
    {
        json.NumberHandling = JsonNumberHandling.Strict;
        json.Converters.Add(new TimeJson());
        json.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false));
        json.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull;
    }

    private static LedgerfoldBuilder AddPlatform(IServiceCollection services, ServerOptions options, ForwardClock clock)
    {
        services.AddSingleton(options);
        services.AddSingleton(clock);
        if (options.ClockCanBePutForward)
            services.AddSingleton(new Rehearsal());
        services.AddSingleton<TimeProvider>(clock);
        services.AddSingleton<MeterReadings>();
        services.AddSingleton<Follows>();
        services.AddSingleton(static provider =>
            new CloudEventWriter((provider.GetRequiredService<ILedger>() as EmbeddedLedger)?.StoreId.ToString()));
        if (options.Collector is { } collector)
            services.AddSingleton(_ => new Export(collector, HealthEndpoints.Version));
        services.AddSingleton(static provider => new EventExplorer(provider.GetRequiredService<ILedger>()));
        services.AddSingleton(static provider => new StreamExplorer(provider.GetRequiredService<ILedger>()));
        services.AddSingleton(static provider => new CorrelationExplorer(provider.GetRequiredService<ILedger>()));
        services.AddSingleton(static provider =>
            new StateExplorer(provider.GetRequiredService<ILedger>(), provider.GetRequiredService<TimelineEngine>()));
        return services.AddLedgerfold(ledgerfold =>
        {
            ledgerfold.Directory = options.Data;
            ledgerfold.Commands = ledgerfold.Commands with { Clock = clock };
            ledgerfold.Folds = ledgerfold.Folds with { Clock = clock };
            ledgerfold.Processes = ledgerfold.Processes with { Clock = clock };
            ledgerfold.Operations = ledgerfold.Operations with { Clock = clock };
        });
    }

    private static void Map(WebApplication app, ServerOptions options, IReadOnlyList<ISystem> systems)
    {
        app.MapOpenApi().AllowAnonymous();
        HealthEndpoints.Map(app);
        ProblemEndpoints.Map(app);
        var api = app.MapGroup("/api/v1");
        EventEndpoints.Map(api);
        StreamEndpoints.Map(api);
        CorrelationEndpoints.Map(api);
        ProjectionEndpoints.Map(api);
        ProcessEndpoints.Map(api);
        OperationEndpoints.Map(api);
        FirstOwnerEndpoints.Map(app, api);
        SessionEndpoints.Map(api);
        UserEndpoints.Map(api);
        KeyEndpoints.Map(api);
        if (options.ClockCanBePutForward)
            ClockEndpoints.Map(api);
        foreach (var system in systems)
            system.Map(api.MapGroup($"/{system.Name}"));
    }
}
