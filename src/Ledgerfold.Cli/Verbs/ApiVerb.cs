using System.CommandLine;
using System.Net.Http.Headers;
using Ledgerfold.Cli.Terminal;

namespace Ledgerfold.Cli.Verbs;

/// <summary><c>ledgerfold api</c>: any call of a server's HTTP API, with its key and its answer as it is.</summary>
internal static class ApiVerb
{
    public const string Example = "ledgerfold api GET '/api/v1/events?category=order&limit=10'\n"
        + "echo '{\"reason\":\"a row looked wrong\"}' | ledgerfold api POST /api/v1/projections/orders/rebuilds";

    private const string ServerVariable = "LEDGERFOLD_SERVER";
    private const string KeyVariable = "LEDGERFOLD_API_KEY"; // not an option: what is on a command line is seen by everybody
    private const string ServerDefault = "http://127.0.0.1:7070";
    private const int ChunkBytes = 64 * 1024;

    private static readonly string[] Methods = ["GET", "POST", "PUT", "DELETE"];

    public static Command Create()
    {
        var method = new Argument<string>("METHOD") { Description = "GET, POST, PUT or DELETE." };
        method.AcceptOnlyFromAmong(Methods);
        var path = new Argument<string>("PATH") { Description = "The path, with its query." };
        var server = new Option<string>("--server")
        {
            Description = $"The server (default {ServerVariable}, else {ServerDefault}).",
            HelpName = "URL",
        };
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
            using var request = RequestOf(
                parsed.GetValue(method)!, UriOf(parsed.GetValue(server), parsed.GetValue(path)!), parsed.GetValue(header) ?? []);
            if (parsed.GetValue(tenant) is { } whose)
                Add(request, "Ledgerfold-Tenant", whose);
            if (request.Method == HttpMethod.Post)
                Add(request, "Idempotency-Key", parsed.GetValue(key) ?? $"{Guid.CreateVersion7(TimeProvider.System.GetUtcNow())}");
            return await Call(request, cancel);
        });
        return verb;
    }

    private static async Task<int> Call(HttpRequestMessage request, CancellationToken cancel)
    {
        using var client = new HttpClient { Timeout = Timeout.InfiniteTimeSpan };
        try
        {
            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel);
            await Copy(await response.Content.ReadAsStreamAsync(cancel), cancel);
            if (response.IsSuccessStatusCode)
                return ExitCode.Ok;
            StandardError.Say($"{(int)response.StatusCode} {response.ReasonPhrase}");
            return ExitCodeOf((int)response.StatusCode);
        }
        catch (HttpRequestException unreachable)
        {
            throw new VerbFailedException(ExitCode.Unreachable, $"unreachable: {request.RequestUri!.Authority}: {unreachable.Message}");
        }
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

    private static int ExitCodeOf(int status) => status switch
    {
        404 or 410 => ExitCode.NotFound,
        401 or 403 => ExitCode.NotAllowed,
        409 or 412 or 422 => ExitCode.Conflict,
        400 or 405 or 413 or 415 or 428 => ExitCode.Usage,
        _ => ExitCode.Failed,
    };

    private static HttpRequestMessage RequestOf(string method, Uri uri, string[] headers)
    {
        var request = new HttpRequestMessage(new HttpMethod(method), uri);
        if (method is "POST" or "PUT")
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
                Add(request, name.Trim(), value.Trim());
        }

        if (Environment.GetEnvironmentVariable(KeyVariable) is { Length: > 0 } key)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        return request;
    }

    private static void Add(HttpRequestMessage request, string name, string value)
    {
        if (!request.Headers.TryAddWithoutValidation(name, value))
            throw new VerbFailedException(ExitCode.Usage, $"{SafeText.OneLine(name)} is no header that can be sent.");
    }

    private static Uri UriOf(string? server, string path)
    {
        var text = server ?? Environment.GetEnvironmentVariable(ServerVariable) ?? ServerDefault;
        if (!Uri.TryCreate(text, UriKind.Absolute, out var root) || root.Scheme is not ("http" or "https"))
            throw new VerbFailedException(ExitCode.Usage, $"--server {SafeText.OneLine(text)} is no address such as {ServerDefault}.");
        if (root.Scheme == "http" && !root.IsLoopback)
            throw new VerbFailedException(ExitCode.Usage, $"--server {SafeText.OneLine(text)}: without TLS only this machine is called.");
        return path.StartsWith('/') && !path.StartsWith("//", StringComparison.Ordinal) && Uri.TryCreate(root, path, out var uri)
            ? uri
            : throw new VerbFailedException(ExitCode.Usage, $"{SafeText.OneLine(path)} is no path such as /api/v1/events.");
    }
}
