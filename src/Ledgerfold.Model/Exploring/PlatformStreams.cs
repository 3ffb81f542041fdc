using System.Collections.Immutable;
using Ledgerfold.Model.Commanding;
using Ledgerfold.Model.Operating;
using Ledgerfold.Model.Processing;

namespace Ledgerfold.Model.Exploring;

/// <summary>The streams in which the model keeps what it did itself: a query passes over them unless it names them.</summary>
internal static class PlatformStreams
{
    private static readonly ImmutableArray<string> Categories =
        [StoredAnswer.Category, ProcessRecords.Category, OperationRecords.Category];

    /// <summary>The events with all of these tags, those of the model's own streams too.</summary>
    public static EventQuery With(params ImmutableArray<string> tags) => new()
    {
        Items = [new QueryItem { Tags = tags }, .. Categories.Select(category => new QueryItem { Tags = tags, Category = category })],
    };
}
