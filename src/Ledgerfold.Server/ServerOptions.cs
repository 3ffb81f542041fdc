using Ledgerfold.Server.Security.Serving;

namespace Ledgerfold.Server;

/// <summary>How the server was started.</summary>
/// <param name="Data">The directory in which everything is kept.</param>
/// <param name="Urls">Where it listens.</param>
/// <param name="ClockCanBePutForward">Whether a call may put the clock forward: for trying things out, never for business.</param>
internal sealed record ServerOptions(string Data, string Urls, bool ClockCanBePutForward)
{
    public const string Usage = """
        ledgerfold serve [--data DIR] [--urls URLS] [--clock system|manual]

          --data DIR     where everything is kept (default ./data); created where there is nothing
          --urls URLS    where to listen, separated by ; (default http://127.0.0.1:7070)
          --clock manual lets a call put the clock forward: for trying things out, never for business
        """;

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
            var next = (name, value) switch
            {
                ("--data", { Length: > 0 }) => options with { Data = value },
                ("--urls", { Length: > 0 }) => options with { Urls = value },
                ("--clock", "system" or "manual") => options with { ClockCanBePutForward = value == "manual" },
                _ => null,
            };
            if (next is null)
            {
                var isKnown = name is "--data" or "--urls" or "--clock";
                problem = isKnown ? $"{name}: {value ?? "nothing"} cannot be used." : $"{name} is not known.";
                return null;
            }

            options = next;
        }

        // there is no certificate yet, so what can be reached from other machines is refused
        problem = string.Join(' ', Listening.Check(options.Urls.Split(';'), hasTls: false));
        return problem.Length == 0 ? options : null;
    }
}
