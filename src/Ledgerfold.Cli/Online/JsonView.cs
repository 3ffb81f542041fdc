using System.Text.Json;
using Ledgerfold.Cli.Terminal;

namespace Ledgerfold.Cli.Online;

/// <summary>A column of a list: its title, and which field of an item it shows, with dots between the names.</summary>
internal readonly record struct JsonColumn(string Title, string Field, bool IsNumber = false);

/// <summary>What a server answered, for people.</summary>
internal static class JsonView
{
    /// <summary>Shows the one thing that a server answers with, and lets go of the server.</summary>
    public static async Task<int> Show(ServerCalls server, ServerPath path, bool asJson, CancellationToken cancel)
    {
        using (server)
        {
            var answer = await server.Get($"{path}", cancel);
            Write(new StandardOutput(), answer, asJson);
            return ExitCode.Ok;
        }
    }

    /// <summary>Writes an answer as it is, or for people.</summary>
    public static void Write(StandardOutput output, JsonElement answer, bool asJson)
    {
        if (asJson)
            output.Line(answer.GetRawText());
        else
            Write(output, answer);
        output.Flush();
    }

    /// <summary>A table whose cells come from the fields of items.</summary>
    public static TextTable TableOf(StandardOutput output, IReadOnlyList<JsonColumn> columns) =>
        new(output, StandardOutput.Columns, [.. columns.Select(static column => new Column(column.Title, column.IsNumber))]);

    /// <summary>A row of such a table.</summary>
    public static void Add(TextTable table, IReadOnlyList<JsonColumn> columns, JsonElement item) =>
        table.Add([.. columns.Select(column => TextOf(Find(item, column.Field)))]);

    /// <summary>All fields of an object below one another; those within others with both names.</summary>
    private static void Write(StandardOutput output, JsonElement answer)
    {
        var facts = new FactList();
        Add(facts, "", answer);
        facts.Write(output);
    }

    private static void Add(FactList facts, string name, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object when value.EnumerateObject().Any():
                foreach (var field in value.EnumerateObject())
                    Add(facts, name.Length == 0 ? field.Name : $"{name}.{field.Name}", field.Value);
                break;
            case JsonValueKind.Array when value.GetArrayLength() > 0:
                foreach (var (item, at) in value.EnumerateArray().Select(static (item, at) => (item, at)))
                    Add(facts, $"{name}[{at}]", item);
                break;
            case JsonValueKind.Null or JsonValueKind.Undefined:
                break;
            default:
                facts.Add(name, TextOf(value));
                break;
        }
    }

    private static JsonElement Find(JsonElement item, string field)
    {
        foreach (var name in field.Split('.'))
        {
            if (item.ValueKind != JsonValueKind.Object || !item.TryGetProperty(name, out item))
                return default;
        }

        return item;
    }

    private static string TextOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Undefined or JsonValueKind.Null => "",
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.True => "yes",
        JsonValueKind.False => "no",
        JsonValueKind.Array when value.EnumerateArray().All(static one => one.ValueKind is JsonValueKind.String or JsonValueKind.Number) =>
            string.Join(", ", value.EnumerateArray()),
        _ => value.GetRawText(),
    };
}
