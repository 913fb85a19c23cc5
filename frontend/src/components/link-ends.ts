/** What host's and projector's pages say alike when their link leads nowhere. */
export const linkEnds = {
  en: {
    noTokenHint: 'Open the link that was shown when the event was started. An admin can make a new one.',
    renewed: 'This link is not valid any more',
    gone: 'There is no such event',
    goneHint: 'It was erased, or its time is over.',
    elsewhere: 'Opened elsewhere',
    here: 'Continue here',
    refused: 'The server has ended the connection',
    refusedHint: 'Reload the page to continue.',
    reload: 'Reload',
    outdated: 'This page is too old',
    outdatedHint: 'Reload it to continue. Nothing is lost.',
  },
  de: {
    noTokenHint: 'Öffne den Link, der beim Start gezeigt wurde. Ein Admin kann einen neuen machen.',
    renewed: 'Dieser Link gilt nicht mehr',
    gone: 'Diese Veranstaltung gibt es nicht',
    goneHint: 'Sie wurde gelöscht, oder ihre Zeit ist um.',
    elsewhere: 'Woanders geöffnet',
    here: 'Hier weitermachen',
    refused: 'Der Server hat die Verbindung beendet',
    refusedHint: 'Lade die Seite neu, dann geht es weiter.',
    reload: 'Neu laden',
    outdated: 'Diese Seite ist zu alt',
    outdatedHint: 'Lade sie neu, dann geht es weiter. Nichts geht verloren.',
  },
}
