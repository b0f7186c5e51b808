"""The fourth door: every verb that a page offers, through the same function.

One module a room, registered in `api/urls.py`. The pattern:

    class VehicleFilter(filters.FilterSet):              # what can be asked; nothing here changes anything
        class Meta:
            model = Vehicle
            fields = ["kind", "site"]

    class VehicleOut(serializers.ModelSerializer):       # what a reader gets
        ...

    class VehicleIn(serializers.Serializer):             # what a writer gives: types only, no rule of the trade
        site = OfPlatform(queryset=Site.objects)         # api/fields.py: another platform's row is as unknown

    class CancelIn(serializers.Serializer):
        reason = serializers.CharField(max_length=200)

    class Vehicles(viewsets.GenericViewSet, mixins.ListModelMixin, mixins.RetrieveModelMixin):
        serializer_class = VehicleOut
        filterset_class = VehicleFilter
        queryset = Vehicle.objects.none()                # for the schema

        def get_queryset(self):                          # the only way in; a stranger's object is 404
            return within(self.request, Vehicle.objects.visible_to(self.request.user).select_related("site"))

        @extend_schema(request=VehicleIn, responses={201: VehicleOut}, parameters=[PLATFORM])
        def create(self, request):
            given = read(VehicleIn, request)             # 400 {"code": "invalid", "fields"} when it does not stand
            vehicle = actions.add_vehicle(platform_of(request), by=request.user, **given)
            return Response(VehicleOut(vehicle).data, status=201)

        @extend_schema(request=CancelIn, responses=VehicleOut)
        @action(detail=True, methods=["post"])
        def cancel(self, request, pk):                   # a verb: POST /vehicles/{id}/cancel/
            given = read(CancelIn, request)
            return Response(VehicleOut(actions.cancel(self.get_object(), by=request.user, **given)).data)

What an action refuses leaves as 409 `{"code", "detail"}`, what it forbids as 403 (api/errors.py): views catch nothing.
No PUT, no PATCH of a state. Lists are cursor pages, newest first; `ordering` on the viewset when another order is
wanted, and it ends with the id. `Idempotency-Key` is the router's business (api/routing.py). Times are ISO 8601 with
an offset, money is a string of euros (« 90.00 »), rows refer to one another by id.
"""
