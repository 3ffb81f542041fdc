using System.Text;

namespace Ledgerfold.Simulation.Folds;

/// <summary>Everything a fold store holds, in words: equal words, equal stores.</summary>
internal static class FoldContent
{
    public static readonly FoldName[] Folds = [new("orders"), new("orders", 2), new("people")];
    public static readonly string[] TenantNames = [Tenants.Default, "other"];
    public static readonly string?[] Indexes = [null, "colour", "mail"];

    public static string Of(IFoldReader reader, int limit, bool backward)
    {
        var said = new StringBuilder();
        said.AppendJoin(' ', Now(reader.List())).AppendLine();
        foreach (var fold in Folds)
        {
            said.Append(fold).Append(" at ").Append(Now(reader.ReadPosition(fold))).AppendLine();
            foreach (var tenant in TenantNames)
            {
                foreach (var index in Indexes)
                    AddRows(said, reader, new FoldRead { Fold = fold, Tenant = tenant, Index = index, Limit = limit, Backward = backward });
            }
        }

        return said.ToString();
    }

    /// <summary>The answer of a store that never keeps a reader waiting.</summary>
    public static T Now<T>(ValueTask<T> answer) =>
        answer.IsCompleted ? answer.GetAwaiter().GetResult() : throw new OracleException("reads", "a read waits");

    public static string Of(FoldRow? row) =>
        row is null
            ? "none"
            : $"{row.Tenant}/{row.Key}={Encoding.UTF8.GetString(row.Data.Span)} {string.Join(' ', row.Indexes.Select(Of))}";

    public static string Of(FoldBatch batch) =>
        $"{batch.Fold} {batch.Expected} > {batch.Position}: {string.Join("; ", batch.Rows.Select(row => Short(Of(row))))}"
        + $" without {string.Join(' ', batch.Removed.Select(key => $"{key.Tenant}/{key.Key}"))}";

    public static string Short(string text) => text.Length > 60 ? $"{text[..60]}…{text.Length}" : text;

    private static void AddRows(StringBuilder said, IFoldReader reader, FoldRead request)
    {
        List<string> rows = [];
        var first = request;
        while (true)
        {
            var page = Now(reader.Read(request));
            foreach (var row in page.Rows)
            {
                rows.Add(Of(row));
                CheckNotNewer(row, page.Position);
            }

            if (page.Next is null)
                break;
            request = request with { Continue = page.Next };
        }

        if (request.Backward)
            rows.Reverse();
        if (rows.Count > 0)
            said.Append("  ").Append(first.Tenant).Append(' ').Append(first.Index).Append(": ").AppendJoin("; ", rows).AppendLine();
    }

    /// <summary>A row's data begins with the position it was written at.</summary>
    private static void CheckNotNewer(FoldRow row, long position)
    {
        var text = Encoding.UTF8.GetString(row.Data.Span);
        if (long.Parse(text.AsSpan(0, text.IndexOf(' ', StringComparison.Ordinal))) > position)
            throw new OracleException("position", $"the row {Short(Of(row))} is newer than its fold's position {position}");
    }

    private static string Of(FoldIndexEntry entry) => $"{entry.Index}:{entry.Value}{(entry.Unique ? "!" : "")}";
}
