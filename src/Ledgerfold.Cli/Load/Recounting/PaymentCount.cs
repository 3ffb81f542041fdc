namespace Ledgerfold.Cli.Load.Recounting;

/// <summary>What the events say of one payment.</summary>
internal sealed class PaymentCount(string orderId, string card, Amount amount)
{
    private bool _isAuthorized;
    private bool _isGivenUp; // voided or expired

    public string OrderId { get; } = orderId;

    public string Card { get; } = card;

    public decimal Captured { get; private set; }

    public decimal Refunded { get; private set; }

    public bool WasAuthorized => _isAuthorized;

    public bool WasDeclined { get; private set; }

    /// <summary>Whether more was taken than the card holder agreed to, or more given back than was taken.</summary>
    public bool IsOverdrawn => Captured > amount.Value || Refunded > Captured;

    /// <summary>Whether the customer's money is held or taken, and not given back.</summary>
    public bool HasMoney => Captured > Refunded || (_isAuthorized && !_isGivenUp && Refunded < amount.Value);

    public void Take(ExportedEvent one)
    {
        switch (one.Type)
        {
            case "PaymentAuthorized":
                _isAuthorized = true;
                break;
            case "PaymentDeclined":
                WasDeclined = true;
                break;
            case "PaymentVoided" or "AuthorizationExpired":
                _isGivenUp = true;
                break;
            case "PaymentProcessed":
                Captured += one.Amount("amount").Value;
                break;
            case "RefundIssued":
                Refunded += one.Amount("amount").Value;
                break;
        }
    }
}
