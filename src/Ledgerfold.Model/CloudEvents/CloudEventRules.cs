using System.Text;
using System.Text.Json;
using Ledgerfold.Model.Exporting;

namespace Ledgerfold.Model.CloudEvents;

/// <summary>What the specification of CloudEvents 1.0 asks of attributes, each refused by name where it is not so.</summary>
internal static class CloudEventRules
{
    public const string DataSchema = "dataschema";

    /// <exception cref="BadFileException">An attribute breaks its rule.</exception>
    public static void Check(LineAttributes attributes)
    {
        if (attributes.RequiredText(Attributes.SpecVersion) != Attributes.Supported)
            throw attributes.Refused(Attributes.SpecVersion, "1.0");
        _ = attributes.RequiredText(Attributes.Id);
        _ = attributes.RequiredText(Attributes.Type);
        if (!Uri.IsWellFormedUriString(attributes.RequiredText(Attributes.Source), UriKind.RelativeOrAbsolute))
            throw attributes.Refused(Attributes.Source, "a URI or a reference to one, such as /sensors/7");
        if (attributes.Text(Attributes.Subject) is { Length: 0 })
            throw attributes.Refused(Attributes.Subject, "a string that is not empty, or nothing");
        if (attributes.Text(DataSchema) is { } schema && !Uri.IsWellFormedUriString(schema, UriKind.Absolute))
            throw attributes.Refused(DataSchema, "a URI that is not relative");
        if (attributes.Text(Attributes.DataContentType) is { } contentType && !ExactJson.IsMediaType(contentType))
            throw attributes.Refused(Attributes.DataContentType, "a media type such as application/json");
        _ = attributes.Time(Attributes.Time);
        foreach (var (name, value) in attributes.All)
        {
            if (name is not (Attributes.Data or Attributes.DataBase64))
                CheckValue(attributes, name, value);
        }
    }

    /// <summary>Whether an attribute can have this name.</summary>
    public static bool IsName(string name) => name.Length > 0 && name.All(static c => c is (>= 'a' and <= 'z') or (>= '0' and <= '9'));

    /// <summary>Whether an attribute can have this text: no control characters, no characters that are none.</summary>
    public static bool IsText(string text)
    {
        foreach (var rune in text.EnumerateRunes())
        {
            if (Rune.IsControl(rune) || (rune.Value & 0xFFFE) == 0xFFFE || rune.Value is >= 0xFDD0 and <= 0xFDEF)
                return false;
        }

        return true;
    }

    private static void CheckValue(LineAttributes attributes, string name, JsonElement value)
    {
        var isRight = value.ValueKind switch
        {
            JsonValueKind.String => IsText(attributes.TextOf(name, value)),
            JsonValueKind.Number => value.TryGetInt32(out _),
            JsonValueKind.True or JsonValueKind.False => true,
            _ => false,
        };
        if (!isRight)
            throw attributes.Refused(name, "a string without control characters, a whole number of 32 bits, true or false");
    }
}
