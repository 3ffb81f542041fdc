using System.Text;

namespace Ledgerfold.Cli.Online;

/// <summary>
/// A path below a server's address with its query; what comes from a user is escaped, so that it stays one segment or one value.
/// </summary>
internal sealed class ServerPath
{
    private readonly StringBuilder _text = new("/api/v1");
    private bool _hasQuery;

    /// <summary>A path of these segments.</summary>
    public static ServerPath Of(params IEnumerable<string> segments)
    {
        var path = new ServerPath();
        foreach (var segment in segments)
        {
            // a segment of dots would be resolved away
            var escaped = segment is "." or ".." ? segment.Replace(".", "%2E", StringComparison.Ordinal) : Uri.EscapeDataString(segment);
            path._text.Append('/').Append(escaped);
        }

        return path;
    }

    /// <summary>With a value of the query, where there is one.</summary>
    public ServerPath With(string name, object? value)
    {
        if (value is null)
            return this;
        _text.Append(_hasQuery ? '&' : '?').Append(name).Append('=').Append(Uri.EscapeDataString($"{value}"));
        _hasQuery = true;
        return this;
    }

    /// <summary>With several values of one name.</summary>
    public ServerPath WithEach(string name, IEnumerable<string>? values)
    {
        foreach (var value in values ?? [])
            With(name, value);
        return this;
    }

    /// <inheritdoc />
    public override string ToString() => _text.ToString();
}
