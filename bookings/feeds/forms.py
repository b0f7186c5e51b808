from django import forms


class FeedForm(forms.Form):
    name = forms.CharField(
        label="Pour quel agenda",
        max_length=80,
        required=False,
        help_text="Pour le reconnaître le jour où vous voudrez le fermer : « mon téléphone », « l’écran de l’accueil »",
    )
    with_names = forms.BooleanField(
        label="Avec le nom des participants",
        required=False,
        help_text="Coché, les noms sortent de Remise : ils se lisent aussi chez qui tient votre agenda.",
    )
