using Ledgerfold.Server.Security.Serving;

namespace Ledgerfold.Server;

/// <summary>How the server was started.</summary>
/// <param name="Data">The directory in which everything is kept.</param>
/// <param name="Urls">Where it listens.</param>
/// <param name="ClockCanBePutForward">Whether a call may put the clock forward: for trying things out, never for business.</param>
/// <param name="Collector">Where spans and metrics are sent, if anywhere.</param>
internal sealed record ServerOptions(string Data, string Urls, bool ClockCanBePutForward, Uri? Collector = null)
{
    public const string Usage = """
        ledgerfold serve [--data DIR] [--urls URLS] [--certificate FILE --certificate-key FILE] [--otlp URL] [--clock system|manual]

          --data DIR              where everything is kept (default ./data); created where there is nothing
          --urls URLS             where to listen, separated by ; (default http://127.0.0.1:7070); http on loopback alone
          --certificate FILE      the certificate for https, as PEM, with those that vouch for it behind it
          --certificate-key FILE  its private key, as PEM
          --otlp URL              sends traces and metrics to an OpenTelemetry collector (OTLP over HTTP, such as http://127.0.0.1:4318)
          --clock manual          lets a call put the clock forward: for trying things out, never for business
        """;

    /// <summary>The file with the certificate for https.</summary>
    public string? Certificate { get; init; }

    /// <summary>The file with its private key.</summary>
    public string? CertificateKey { get; init; }

    /// <summary>Whether it can listen with TLS.</summary>
    public bool HasTls => Certificate is not null;

    /// <summary>Reads the command line; where it cannot, <paramref name="problem"/> says why.</summary>
    public static ServerOptions? Parse(IReadOnlyList<string> args, out string problem)
    {
        var options = new ServerOptions("data", "http://127.0.0.1:7070", ClockCanBePutForward: false);
        problem = "";
        for (var a = 0; a < args.Count; a++)
        {
            var (name, value) = args[a].Split('=', 2) is [var left, var right]
                ? (left, right)
                : (args[a], a + 1 < args.Count ? args[++a] : null);
            if (options.With(name, value) is not { } next)
            {
                var isKnown = name is "--data" or "--urls" or "--clock" or "--certificate" or "--certificate-key" or "--otlp";
                problem = isKnown ? $"{name}: {value ?? "nothing"} cannot be used." : $"{name} is not known.";
                return null;
            }

            options = next;
        }

        problem = options.Certificate is null == options.CertificateKey is null
            ? string.Join(' ', Listening.Check(options.Urls.Split(';'), options.HasTls))
            : "--certificate and --certificate-key belong together.";
        return problem.Length == 0 ? options : null;
    }

    private ServerOptions? With(string name, string? value) => (name, value) switch
    {
        ("--data", { Length: > 0 }) => this with { Data = value },
        ("--urls", { Length: > 0 }) => this with { Urls = value },
        ("--certificate", { Length: > 0 }) => this with { Certificate = value },
        ("--certificate-key", { Length: > 0 }) => this with { CertificateKey = value },
        ("--clock", "system" or "manual") => this with { ClockCanBePutForward = value == "manual" },
        ("--otlp", not null) when IsHttp(value, out var collector) => this with { Collector = collector },
        _ => null,
    };

    private static bool IsHttp(string url, out Uri? uri) =>
        Uri.TryCreate(url, UriKind.Absolute, out uri) && uri.Scheme is "http" or "https" && uri is { Query: "", Fragment: "" };
}
