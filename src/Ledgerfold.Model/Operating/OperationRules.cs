using Ledgerfold.Model.Folding;

namespace Ledgerfold.Model.Operating;

/// <summary>What is to be done with an operation, as it stands; pure.</summary>
internal static class OperationRules
{
    public static OperationEvent.OperationEnded Cancelled { get; } = new(OperationPhase.Cancelled);

    public static OperationEvent.OperationEnded Failed(string error) => new(OperationPhase.Failed, Error: error);

    public static OperationEvent.OperationEnded Failed(Exception failure) => Failed(FoldError.Say(failure));

    /// <summary>What an engine records next of an operation that it does not run; null where that is nothing.</summary>
    /// <param name="state">How it stands.</param>
    /// <param name="isKnown">Whether the engine knows its kind.</param>
    /// <param name="mayTakeAt">With how many lives it may be taken up.</param>
    /// <param name="livesMax">How many it may have.</param>
    public static OperationEvent? NextOf(OperationState state, bool isKnown, int mayTakeAt, int livesMax)
    {
        if (state.HasEnded || state.Lives != mayTakeAt)
            return null;
        if (EndsAtOnce(state, isKnown, mayTakeAt) && state.Cancel is not null)
            return Cancelled;
        if (!isKnown)
            return null;
        return state.Lives >= livesMax
            ? Failed($"It was taken up {state.Lives} times and never came to an end.")
            : new OperationEvent.OperationTaken(state.Lives + 1, state.SavedProgress);
    }

    /// <summary>Whether nobody has to be told to stop: none took it up, or who did is gone and nobody here could go on.</summary>
    public static bool EndsAtOnce(OperationState state, bool isKnown, int mayTakeAt) =>
        state.Lives == 0 || (!isKnown && state.Lives == mayTakeAt);
}
