using Ledgerfold.Model.Events;

namespace Ledgerfold.Model.Tests.Domain;

internal static class Modules
{
    public static Module Shop => new Module("shop")
        .Events(EventTypes.Of<Order.Event>())
        .Decides(Order.Decider, orders => orders
            .On<CreateOrder>(command => command.OrderId, Order.Decide)
            .On<ConfirmOrder>(command => command.OrderId, Order.Decide)
            .On<CancelOrder>(command => command.OrderId, Order.Decide));

    public static Module Bank => new Module("bank")
        .Events(EventTypes.Of<Account.Event>())
        .Decides(Account.Decider, accounts => accounts
            .On<Deposit>(command => command.Account, Account.Decide)
            .On<Withdraw>(command => command.Account, Account.Decide))
        .Handles<Transfer>(Account.Handle)
        .Handles<ClaimName>(Account.Handle);
}
