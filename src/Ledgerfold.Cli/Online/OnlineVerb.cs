using System.CommandLine;
using System.Text.Json;
using Ledgerfold.Cli.Terminal;

namespace Ledgerfold.Cli.Online;

/// <summary>Verbs that ask a server: they differ in what they ask for, and in how people are shown it.</summary>
internal sealed class OnlineVerb
{
    private const int LimitDefault = 50;

    private readonly Verb _verb;
    private readonly Option<string?> _server = ServerAddress.Option();
    private readonly Option<string?> _tenant = new("--tenant") { Description = "Whose (default the default tenant).", HelpName = "TENANT" };
    private readonly Option<bool> _json = LedgerDirectory.JsonOption();

    private OnlineVerb(string name, string description, string example, IEnumerable<Symbol> symbols)
    {
        _verb = new Verb(name, description, example);
        foreach (var symbol in symbols)
        {
            if (symbol is Argument argument)
                _verb.Arguments.Add(argument);
            else
                _verb.Options.Add((Option)symbol);
        }

        _verb.Options.Add(_server);
        _verb.Options.Add(_tenant);
        _verb.Options.Add(_json);
    }

    /// <summary>A verb that shows one thing: its fields below one another, or the JSON of the server.</summary>
    public static Command Show(
        string name, string description, string example, Func<ParseResult, ServerPath> path, params IEnumerable<Symbol> symbols)
    {
        var online = new OnlineVerb(name, description, example, symbols);
        return online.Runs(async (parsed, calls, cancel) =>
        {
            online.Write(parsed, await calls.Get($"{path(parsed)}", cancel));
            return ExitCode.Ok;
        });
    }

    /// <summary>A verb that lists: a table, or the items as NDJSON; as many as are asked for, page by page.</summary>
    public static Command List(
        string name,
        string description,
        string example,
        Func<ParseResult, ServerPath> path,
        IReadOnlyList<JsonColumn> columns,
        params IEnumerable<Symbol> symbols)
    {
        var after = new Option<string?>("--after") { Description = "Goes on behind a page: what it said.", HelpName = "CURSOR" };
        var limit = LimitOption();
        var online = new OnlineVerb(name, description, example, [.. symbols, after, limit]);
        return online.Runs(async (parsed, calls, cancel) =>
        {
            var pages = calls.Pages(path(parsed), "after", parsed.GetValue(after), parsed.GetValue(limit), cancel);
            await WriteList(pages, columns, parsed.GetValue(online._json));
            return ExitCode.Ok;
        });
    }

    /// <summary>A verb that does something at once; what the server answers is shown.</summary>
    public static Command Do(
        string name,
        string description,
        string example,
        Func<ParseResult, (HttpMethod Method, ServerPath Path, object? Body)> call,
        params IEnumerable<Symbol> symbols)
    {
        var online = new OnlineVerb(name, description, example, symbols);
        return online.Runs(async (parsed, calls, cancel) =>
        {
            var (method, path, body) = call(parsed);
            var answer = await calls.Do(method, $"{path}", BytesOf(body), cancel);
            if (answer.ValueKind == JsonValueKind.Undefined)
                StandardError.Say("Done.");
            else
                online.Write(parsed, answer);
            return ExitCode.Ok;
        });
    }

    /// <summary>
    /// A verb for an act with consequences: it needs a reason, is asked about before it is done, and can be tried first. Long work is
    /// watched to its end.
    /// </summary>
    public static Command Act(
        string name,
        string description,
        string example,
        Func<ParseResult, string, (HttpMethod Method, ServerPath Path, object? Body)> call,
        params IEnumerable<Symbol> symbols)
    {
        var reason = new Option<string>("--reason")
        {
            Description = "Why, for those who read the history.",
            HelpName = "TEXT",
            Required = true,
        };
        var yes = new Option<bool>("--yes") { Description = "Does it without asking." };
        var dryRun = new Option<bool>("--dry-run") { Description = "Says what would be done, and does nothing." };
        var noWait = new Option<bool>("--no-wait") { Description = "Does not wait for the end of long work." };
        var online = new OnlineVerb(name, description, example, [.. symbols, reason, yes, dryRun, noWait]);
        return online.Runs(async (parsed, calls, cancel) =>
        {
            var (method, path, body) = call(parsed, parsed.GetValue(reason)!);
            if (parsed.GetValue(dryRun))
                path.With("dryRun", "true");
            else if (!parsed.GetValue(yes))
                Question.Ask($"{description} Go on?");
            var answer = await calls.Do(method, $"{path}", BytesOf(body), cancel);
            var isLong = answer.ValueKind == JsonValueKind.Object && answer.TryGetProperty("id", out _) && !parsed.GetValue(dryRun);
            if (isLong && !parsed.GetValue(noWait))
                answer = await OperationWatch.ToItsEnd(calls, answer.GetProperty("id").GetString()!, cancel);
            if (answer.ValueKind != JsonValueKind.Undefined)
                online.Write(parsed, answer);
            return isLong && OperationWatch.HasFailed(answer) ? ExitCode.Failed : ExitCode.Ok;
        });
    }

    /// <summary>A verb that watches long work to its end.</summary>
    public static Command Watch(
        string name, string description, string example, Func<ParseResult, string> id, params IEnumerable<Symbol> symbols)
    {
        var online = new OnlineVerb(name, description, example, symbols);
        return online.Runs(async (parsed, calls, cancel) =>
        {
            var ended = await OperationWatch.ToItsEnd(calls, id(parsed), cancel);
            online.Write(parsed, ended);
            return OperationWatch.HasFailed(ended) ? ExitCode.Failed : ExitCode.Ok;
        });
    }

    /// <summary>Writes pages as a table or as lines of JSON, and says where there is more.</summary>
    public static async Task WriteList(IAsyncEnumerable<ListPage> pages, IReadOnlyList<JsonColumn> columns, bool asJson)
    {
        var output = new StandardOutput();
        var table = JsonView.TableOf(output, columns);
        var (any, next) = (false, (string?)null);
        await foreach (var page in pages)
        {
            foreach (var item in page.Items)
            {
                if (asJson)
                    output.Line(item.GetRawText());
                else
                    JsonView.Add(table, columns, item);
            }

            any |= page.Items.Count > 0;
            next = page.Next;
            if (!asJson && any)
                table.Flush();
            output.Flush();
        }

        if (!any)
            StandardError.Say("There is none.");
        if (next is not null)
            StandardError.Say($"There is more: --after {next} goes on.");
    }

    /// <summary>How many items of a list.</summary>
    public static Option<long> LimitOption()
    {
        var limit = new Option<long>("--limit")
        {
            Description = $"At most so many (default {LimitDefault}).",
            HelpName = "N",
            DefaultValueFactory = static _ => LimitDefault,
        };
        limit.Validators.Add(static result =>
        {
            if (!result.Errors.Any() && result.GetValueOrDefault<long>() < 1)
                result.AddError("--limit: at least 1");
        });
        return limit;
    }

    private static ReadOnlyMemory<byte>? BytesOf(object? body) =>
        body is null ? null : JsonSerializer.SerializeToUtf8Bytes(body, JsonSerializerOptions.Web);

    private void Write(ParseResult parsed, JsonElement answer) => JsonView.Write(new StandardOutput(), answer, parsed.GetValue(_json));

    private Verb Runs(Func<ParseResult, ServerCalls, CancellationToken, Task<int>> run)
    {
        _verb.SetAction(async (parsed, cancel) =>
        {
            using var calls = new ServerCalls(ServerAddress.Of(parsed.GetValue(_server)), parsed.GetValue(_tenant));
            return await run(parsed, calls, cancel);
        });
        return _verb;
    }
}
