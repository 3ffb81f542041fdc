using System.Text.Json.Serialization;

namespace Marketplace.Payments.Simulation;

/// <summary>What a call to authorize comes to, by the words of a script.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ProviderOutcome>))]
public enum ProviderOutcome
{
    /// <summary>The amount is held at once.</summary>
    [JsonStringEnumMemberName("approve")]
    Approve,

    /// <summary>The card says no.</summary>
    [JsonStringEnumMemberName("decline")]
    Decline,

    /// <summary>There is never an answer, and nothing is held.</summary>
    [JsonStringEnumMemberName("timeout")]
    Timeout,

    /// <summary>The amount is held, and the answer comes, when nobody waits for it any more.</summary>
    [JsonStringEnumMemberName("late-approve")]
    LateApprove,

    /// <summary>The call fails at once, and nothing is held.</summary>
    [JsonStringEnumMemberName("error-once")]
    ErrorOnce,
}
