using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Ledgerfold.Model.Exporting;

namespace Ledgerfold.Model.Tests.Exporting;

/// <summary>Exports as bytes, and what the tests do with them.</summary>
internal static class Files
{
    public static readonly ImportOptions Any = new() { Platform = true };

    public static async Task<byte[]> Export(this ILedger ledger, ExportRequest? request = null)
    {
        using var output = new MemoryStream();
        await new Exporter(ledger).Export(request ?? new ExportRequest { Query = RandomHistory.Everything }, output);
        return output.ToArray();
    }

    public static Task<ImportOutcome> Import(this ILedger ledger, byte[] file, ImportOptions? options = null) =>
        new Importer(ledger).Import(new MemoryStream(file), options ?? Any, TestContext.Current.CancellationToken);

    public static Task<ImportOutcome> Import(this ILedger ledger, string file, ImportOptions? options = null) => ledger.Import(Encoding.UTF8.GetBytes(file), options);

    public static Task<ImportOutcome> ImportPipe(this ILedger ledger, byte[] file, ImportOptions? options = null) =>
        new Importer(ledger).Import(new Pipe(file), options ?? Any, TestContext.Current.CancellationToken);

    public static Task<FileComparison> Verify(this ILedger ledger, byte[] file) =>
        new Importer(ledger).Verify(new MemoryStream(file), null, TestContext.Current.CancellationToken);

    public static async Task<ImportCounts> Imports(this ILedger ledger, byte[] file, ImportOptions? options = null)
    {
        var outcome = await ledger.Import(file, options);
        Assert.True(outcome is ImportOutcome.Imported, $"{outcome}");
        return outcome.Counts;
    }

    public static string[] Lines(byte[] file) => Encoding.UTF8.GetString(file).Split('\n')[..^1];

    /// <summary>The lines of the events, without header and trailer.</summary>
    public static string[] Events(byte[] file) => Lines(file)[1..^1];

    /// <summary>What must survive a round trip: everything but where and when it was recorded, and where it was before.</summary>
    public static string[] Essence(byte[] file) => [.. Events(file).Select(Essence)];

    /// <summary>A plain event as anybody may write it.</summary>
    public static string Plain(string id, string stream = "order-1", string more = "") =>
        $$"""{"specversion":"1.0","id":"{{id}}","source":"/shop","type":"OrderCreated","subject":"{{stream}}"{{more}}}""";

    private static string Essence(string line)
    {
        var json = JsonNode.Parse(line)!.AsObject();
        foreach (var name in (string[])["source", "time", "globalposition", "streamversion", "data", "data_base64"])
            json.Remove(name);
        if (json["headers"] is { } headers)
        {
            var inner = JsonNode.Parse(headers.GetValue<string>())!.AsObject();
            foreach (var name in inner.Select(header => header.Key).Where(name => name.StartsWith("ledgerfold-", StringComparison.Ordinal)).ToArray())
                inner.Remove(name);
            if (inner.Count == 0)
                json.Remove("headers");
            else
                json["headers"] = inner.ToJsonString();
        }

        // The data as text, because two JSON values can be equal and their bytes not.
        using var raw = JsonDocument.Parse(line);
        var data = raw.RootElement.EnumerateObject().Where(one => one.Name.StartsWith("data", StringComparison.Ordinal) && one.Name != "datacontenttype");
        return json.ToJsonString() + string.Concat(data.Select(one => one.Name + one.Value.GetRawText()));
    }

    /// <summary>An input that comes once and in pieces.</summary>
    private sealed class Pipe(byte[] bytes) : Stream
    {
        private int _at;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count)
        {
            var read = Math.Min(Math.Min(count, 1 + (_at % 977)), bytes.Length - _at);
            bytes.AsSpan(_at, read).CopyTo(buffer.AsSpan(offset));
            _at += read;
            return read;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
