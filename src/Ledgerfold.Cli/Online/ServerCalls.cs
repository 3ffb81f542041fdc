using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Ledgerfold.Cli.Terminal;

namespace Ledgerfold.Cli.Online;

/// <summary>Calls of a server: for whom, and with which key. What the server refuses ends the verb with what it said.</summary>
internal sealed class ServerCalls : IDisposable
{
    internal const string KeyVariable = "LEDGERFOLD_API_KEY"; // not an option: what is on a command line is seen by everybody
    private const int PageMax = 1_000;

    private static readonly JsonDocumentOptions AnyDepth = new() { MaxDepth = 4_096 };

    // An answer may take its time, and a stream of events has no end; who has enough interrupts.
    private readonly HttpClient _client = new() { Timeout = Timeout.InfiniteTimeSpan };
    private readonly string? _tenant;

    public ServerCalls(Uri root, string? tenant = null)
    {
        _client.BaseAddress = root;
        _tenant = tenant;
    }

    /// <summary>What the server answers to a question.</summary>
    public async Task<JsonElement> Get(string path, CancellationToken cancel)
    {
        using var request = RequestOf(HttpMethod.Get, path);
        return await Read(request, cancel);
    }

    /// <summary>What the server answers to something that it is to do, once.</summary>
    public async Task<JsonElement> Do(HttpMethod method, string path, ReadOnlyMemory<byte>? body, CancellationToken cancel)
    {
        using var request = RequestOf(method, path);
        if (body is { } bytes)
            request.Content = new ReadOnlyMemoryContent(bytes) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        if (method == HttpMethod.Post)
            request.Headers.Add("Idempotency-Key", $"{Guid.CreateVersion7(TimeProvider.System.GetUtcNow())}");
        return await Read(request, cancel);
    }

    /// <summary>The items of a list, page by page; the last has what to go on with.</summary>
    public async IAsyncEnumerable<ListPage> Pages(
        ServerPath path, string cursorName, string? cursor, long limit, [EnumeratorCancellation] CancellationToken cancel)
    {
        var stem = path.ToString();
        var join = stem.Contains('?', StringComparison.Ordinal) ? '&' : '?';
        for (var left = limit; left > 0;)
        {
            var from = cursor is null ? "" : $"&{cursorName}={Uri.EscapeDataString(cursor)}";
            var answer = await Get($"{stem}{join}limit={Math.Min(left, PageMax)}{from}", cancel);
            var items = answer.GetProperty("items").EnumerateArray().ToArray();
            cursor = answer.TryGetProperty("next", out var next) && next.ValueKind != JsonValueKind.Null ? $"{next}" : null;
            yield return new ListPage(items, cursor);
            left -= items.Length;
            if (cursor is null)
                break;
        }
    }

    /// <summary>A call as it is, with the key of the environment and the tenant.</summary>
    public HttpRequestMessage RequestOf(HttpMethod method, string path)
    {
        var isLocal = path is ['/'] or ['/', not '/', ..];
        if (!isLocal || !Uri.TryCreate(_client.BaseAddress, path, out var uri))
            throw new VerbFailedException(ExitCode.Usage, $"{SafeText.OneLine(path)} is no path such as /api/v1/events.");
        var request = new HttpRequestMessage(method, uri);
        if (Environment.GetEnvironmentVariable(KeyVariable) is { Length: > 0 } key)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        if (_tenant is not null)
            AddHeader(request, "Ledgerfold-Tenant", _tenant);
        return request;
    }

    /// <summary>Sends a call; the answer is what the server says, refusal or not.</summary>
    /// <exception cref="VerbFailedException">Nobody answers.</exception>
    public async Task<HttpResponseMessage> Send(HttpRequestMessage request, CancellationToken cancel)
    {
        try
        {
            return await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel);
        }
        catch (HttpRequestException unreachable)
        {
            throw new VerbFailedException(ExitCode.Unreachable, $"unreachable: {request.RequestUri!.Authority}: {unreachable.Message}");
        }
    }

    /// <summary>Adds a header that a user gave.</summary>
    public static void AddHeader(HttpRequestMessage request, string name, string value)
    {
        if (!request.Headers.TryAddWithoutValidation(name, value))
            throw new VerbFailedException(ExitCode.Usage, $"{SafeText.OneLine(name)} is no header that can be sent.");
    }

    /// <summary>How a program ends that was answered so.</summary>
    public static int ExitCodeOf(int status) => status switch
    {
        < 300 => ExitCode.Ok,
        404 or 410 => ExitCode.NotFound,
        401 or 403 => ExitCode.NotAllowed,
        409 or 412 or 422 => ExitCode.Conflict,
        400 or 405 or 413 or 415 or 428 => ExitCode.Usage,
        _ => ExitCode.Failed,
    };

    /// <summary>Ends the verb where the server refused, with what it said.</summary>
    public static async Task Check(HttpResponseMessage response, CancellationToken cancel)
    {
        if (!response.IsSuccessStatusCode)
            throw new VerbFailedException(ExitCodeOf((int)response.StatusCode), ReasonOf(response, await BodyOf(response, cancel)));
    }

    /// <inheritdoc />
    public void Dispose() => _client.Dispose();

    private async Task<JsonElement> Read(HttpRequestMessage request, CancellationToken cancel)
    {
        using var response = await Send(request, cancel);
        await Check(response, cancel);
        return await BodyOf(response, cancel)
            ?? (response.Content.Headers.ContentLength is null or 0
                ? default(JsonElement)
                : throw new VerbFailedException(ExitCode.Failed, $"{request.RequestUri!.Authority} answered something else than JSON."));
    }

    private static async Task<JsonElement?> BodyOf(HttpResponseMessage response, CancellationToken cancel)
    {
        try
        {
            using var whole = await JsonDocument.ParseAsync(await response.Content.ReadAsStreamAsync(cancel), AnyDepth, cancel);
            return whole.RootElement.Clone();
        }
        catch (JsonException)
        {
            return null;
        }
        catch (HttpIOException broken)
        {
            throw new VerbFailedException(ExitCode.Unreachable, $"unreachable: the answer broke off: {broken.Message}");
        }
    }

    private static string ReasonOf(HttpResponseMessage response, JsonElement? body)
    {
        if (body is not { ValueKind: JsonValueKind.Object } problem || !problem.TryGetProperty("code", out var code))
            return $"{(int)response.StatusCode} {response.ReasonPhrase}";
        var said = problem.TryGetProperty("detail", out var detail) ? $"{detail}" : $"{problem.GetProperty("title")}";
        var more = problem.TryGetProperty("errors", out var errors)
            ? errors.EnumerateArray().Skip(1).Select(static error => $"\n  {error.GetProperty("pointer")}: {error.GetProperty("rule")}")
            : [];
        return $"{code}: {said}{string.Concat(more)}";
    }
}

/// <summary>A page of a list.</summary>
/// <param name="Items">What is on it.</param>
/// <param name="Next">What to go on with; null at the end.</param>
internal sealed record ListPage(IReadOnlyList<JsonElement> Items, string? Next);
