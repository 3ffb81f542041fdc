using Ledgerfold.Model.Events;

namespace Ledgerfold.Model.Folding;

/// <summary>A projection, and what its events are read with.</summary>
internal sealed record FoldSource(Projection Projection, EventCodec Codec);
