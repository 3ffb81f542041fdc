using System.Text.Json;

namespace Ledgerfold.Model.Timelines;

/// <summary>Where the value of a field comes from.</summary>
/// <param name="Pointer">The field, as a JSON pointer (RFC 6901): a value that holds no others, or an empty list or object.</param>
/// <param name="Value">What it is.</param>
/// <param name="By">The event that set it last; null where it is as it was before the first event.</param>
public sealed record FieldBlame(string Pointer, JsonElement Value, EventMark? By);
