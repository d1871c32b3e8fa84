using OrleansSagas;
using OrleansSagas.Orleans;

namespace Trips;

internal sealed class TravellerGrain : Grain, ITravellerGrain
{
    public async Task<string> TravelAsync(int number, string firstHotel, string secondHotel)
    {
        var me = this.GetPrimaryKeyString();
        SagaView end = await GrainFactory
            .Sagas()
            .StartAndWaitAsync(
                "trip",
                new Trip(me, firstHotel, secondHotel),
                new StartOptions { RequestId = $"{me}-{number}" },
                timeout: TimeSpan.FromSeconds(20)
            );
        return end.Status == SagaStatus.Completed ? "booked" : $"{end.Status}: {end.Error?.Message}";
    }
}
