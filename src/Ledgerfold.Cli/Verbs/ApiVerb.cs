using System.CommandLine;
using System.Net.Http.Headers;
using Ledgerfold.Cli.Online;
using Ledgerfold.Cli.Terminal;

namespace Ledgerfold.Cli.Verbs;

/// <summary><c>ledgerfold api</c>: any call of a server's HTTP API, with its key and its answer as it is.</summary>
internal static class ApiVerb
{
    public const string Example = "ledgerfold api GET '/api/v1/events?category=order&limit=10'\n"
        + "echo '{\"reason\":\"a row looked wrong\"}' | ledgerfold api POST /api/v1/projections/orders/rebuilds";

    private const int ChunkBytes = 64 * 1024;

    private static readonly string[] Methods = ["GET", "POST", "PUT", "DELETE"];

    public static Command Create()
    {
        var method = new Argument<string>("METHOD") { Description = "GET, POST, PUT or DELETE." };
        method.AcceptOnlyFromAmong(Methods);
        var path = new Argument<string>("PATH") { Description = "The path, with its query." };
        var server = ServerAddress.Option();
        var tenant = new Option<string>("--tenant") { Description = "Whose events it is about.", HelpName = "TENANT" };
        var key = new Option<string>("--idempotency-key")
        {
            Description = "Names the call, so that it can be sent again (default a new key for each POST).",
            HelpName = "KEY",
        };
        var header = new Option<string[]>("--header") { Description = "A header, such as 'If-Match: *'.", HelpName = "NAME: VALUE" };
        var verb = new Verb("api", "Calls a server's HTTP API; the body of a POST or PUT comes from standard input.", Example)
        {
            method, path, server, tenant, key, header,
        };
        verb.SetAction(async (parsed, cancel) =>
        {
            using var calls = new ServerCalls(ServerAddress.Of(parsed.GetValue(server)), parsed.GetValue(tenant));
            using var request = calls.RequestOf(new HttpMethod(parsed.GetValue(method)!), parsed.GetValue(path)!);
            Fill(request, parsed.GetValue(header) ?? []);
            if (request.Method == HttpMethod.Post)
                ServerCalls.AddHeader(
                    request, "Idempotency-Key", parsed.GetValue(key) ?? $"{Guid.CreateVersion7(TimeProvider.System.GetUtcNow())}");
            return await Call(calls, request, cancel);
        });
        return verb;
    }

    private static async Task<int> Call(ServerCalls calls, HttpRequestMessage request, CancellationToken cancel)
    {
        using var response = await calls.Send(request, cancel);
        try
        {
            await Copy(await response.Content.ReadAsStreamAsync(cancel), cancel);
        }
        catch (HttpIOException broken)
        {
            throw new VerbFailedException(ExitCode.Unreachable, $"unreachable: {request.RequestUri!.Authority}: {broken.Message}");
        }

        if (!response.IsSuccessStatusCode)
            StandardError.Say($"{(int)response.StatusCode} {response.ReasonPhrase}");
        return ServerCalls.ExitCodeOf((int)response.StatusCode);
    }

    /// <summary>Shows what comes as it comes: an answer may have no end.</summary>
    private static async Task Copy(Stream answer, CancellationToken cancel)
    {
        var output = new StandardOutput();
        for (int read; (read = await answer.ReadAsync(output.GetMemory(ChunkBytes), cancel)) > 0;)
        {
            output.Advance(read);
            output.Flush();
        }
    }

    private static void Fill(HttpRequestMessage request, string[] headers)
    {
        if (request.Method == HttpMethod.Post || request.Method == HttpMethod.Put)
        {
            request.Content = new StreamContent(Console.OpenStandardInput());
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        }

        foreach (var header in headers)
        {
            if (header.Split(':', 2) is not [{ Length: > 0 } name, var value])
                throw new VerbFailedException(ExitCode.Usage, $"--header {SafeText.OneLine(header)}: NAME: VALUE is needed.");
            if (request.Content is not null && name.Equals("Content-Type", StringComparison.OrdinalIgnoreCase))
                request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(value.Trim());
            else
                ServerCalls.AddHeader(request, name.Trim(), value.Trim());
        }
    }
}
