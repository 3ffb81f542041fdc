namespace Ledgerfold.Server;

/// <summary>Puts the server together: the platform, its API, and the systems that run on it.</summary>
internal static class LedgerfoldServer
{
    public static WebApplication Build(string[] args)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
        var app = builder.Build();
        app.MapGet("/health/live", static () => "alive");
        return app;
    }
}
