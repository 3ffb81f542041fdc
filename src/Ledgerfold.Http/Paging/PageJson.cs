using System.Collections.Immutable;

namespace Ledgerfold.Http.Paging;

/// <summary>A part of a list.</summary>
/// <param name="Items">What is in this part.</param>
/// <param name="Next">What to send as <c>after</c> for the part behind; null at the end.</param>
/// <param name="Prev">What to send as <c>before</c> for the part in front; null where the list has no way back, or at its begin.</param>
public sealed record PageJson<T>(ImmutableArray<T> Items, string? Next, string? Prev = null);
