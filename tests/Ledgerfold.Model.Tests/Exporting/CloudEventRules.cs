using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Ledgerfold.Model.Tests.Exporting;

/// <summary>
/// The rules of CloudEvents 1.0 and of its JSON format, written from the specification and without a look at the code that writes: what
/// every line must keep.
/// </summary>
internal static partial class CloudEventRules
{
    private static readonly string[] Required = ["id", "source", "specversion", "type"];

    public static void Check(string line)
    {
        Assert.DoesNotContain('\r', line);
        using var document = JsonDocument.Parse(line);
        var root = document.RootElement;
        Assert.Equal(JsonValueKind.Object, root.ValueKind);
        var names = root.EnumerateObject().Select(one => one.Name).ToArray();
        Assert.Equal(names.Distinct().Count(), names.Length);
        foreach (var required in Required)
            Assert.True(root.GetProperty(required).GetString() is { Length: > 0 }, $"{required}: {line}");
        Assert.Equal("1.0", root.GetProperty("specversion").GetString());
        Assert.False(root.TryGetProperty("data", out _) && root.TryGetProperty("data_base64", out _));
        foreach (var property in root.EnumerateObject())
            CheckMember(property, root);
    }

    private static void CheckMember(JsonProperty property, JsonElement root)
    {
        switch (property.Name)
        {
            case "data":
                Assert.NotEqual(JsonValueKind.Null, property.Value.ValueKind);
                Assert.Matches("^[^;]*(/|\\+)json *(;.*)?$", root.GetProperty("datacontenttype").GetString());
                return;
            case "data_base64":
                Assert.True(property.Value.TryGetBytesFromBase64(out _));
                return;
        }

        Assert.Matches("^[a-z0-9]{1,20}$", property.Name);
        CheckValue(property);
        switch (property.Name)
        {
            case "source":
                Assert.True(Uri.TryCreate(property.Value.GetString(), UriKind.RelativeOrAbsolute, out _));
                Assert.Matches("^[A-Za-z0-9/%._~:-]+$", property.Value.GetString());
                break;
            case "time" or "effectivetime":
                Assert.Matches(Timestamp(), property.Value.GetString());
                Assert.True(DateTimeOffset.TryParse(property.Value.GetString(), CultureInfo.InvariantCulture, out _));
                break;
            case "subject":
                Assert.NotEmpty(property.Value.GetString()!);
                break;
            case "datacontenttype":
                Assert.Matches("^[!-~]+/[!-~]+( ?;.*)?$", property.Value.GetString());
                break;
        }
    }

    /// <summary>An attribute is a boolean, a whole number of 32 bits or a string without control characters and the like.</summary>
    private static void CheckValue(JsonProperty property)
    {
        if (property.Value.ValueKind is JsonValueKind.True or JsonValueKind.False)
            return;
        if (property.Value.ValueKind == JsonValueKind.Number)
        {
            Assert.True(property.Value.TryGetInt32(out _));
            return;
        }

        Assert.Equal(JsonValueKind.String, property.Value.ValueKind);
        foreach (var rune in property.Value.GetString()!.EnumerateRunes())
        {
            Assert.False(Rune(rune.Value), $"{property.Name} holds U+{rune.Value:X4}");
        }

        static bool Rune(int value) => value is < 0x20 or (>= 0x7f and <= 0x9f) or (>= 0xfdd0 and <= 0xfdef) || (value & 0xfffe) == 0xfffe;
    }

    [GeneratedRegex(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Timestamp();
}
