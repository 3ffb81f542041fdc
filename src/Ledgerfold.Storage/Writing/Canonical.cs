using System.Collections.Immutable;
using Ledgerfold.Storage.Format;

namespace Ledgerfold.Storage.Writing;

/// <summary>A request that passed the limits, with empty lists where none were given, and what it will weigh in the queue.</summary>
internal static class Canonical
{
    public static AppendRequest Of(AppendRequest request)
    {
        if (request.Writes.IsDefault || request.CursorMoves.IsDefault)
        {
            request = request with
            {
                Writes = request.Writes.IsDefault ? [] : request.Writes,
                CursorMoves = request.CursorMoves.IsDefault ? [] : request.CursorMoves,
            };
        }

        foreach (var write in request.Writes)
        {
            if (write.Events.IsDefault)
                return request with { Writes = [.. request.Writes.Select(WithEvents)] };
        }

        return request;
    }

    /// <summary>More bytes than its records will take.</summary>
    public static long WeightOf(AppendRequest request)
    {
        var weight = 0L;
        foreach (var write in request.Writes)
        {
            foreach (var item in write.Events)
                weight += RecordEncoder.SizeMax(request.Tenant, write.Stream, item);
        }

        foreach (var move in request.CursorMoves)
            weight += RecordEncoder.SizeMax(request.Tenant, move);
        return Math.Max(weight, 64);
    }

    private static StreamWrite WithEvents(StreamWrite write) =>
        write.Events.IsDefault ? write with { Events = ImmutableArray<NewEvent>.Empty } : write;
}
