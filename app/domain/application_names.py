"""Names of things that people use, as the last path segment of image, chart and repository names.

They outweigh the namespace they run in: a home page in `networking` is still one. Facts of the ecosystem, as in
`app.domain.infrastructure_names`; https://kubesearch.dev shows which of them are run in clusters, and how often.
"""


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


MEDIA = _names(
    """
    plex plex-media-server pms-docker jellyfin jellyfin-ffmpeg jellyfin-vue emby embyserver kodi dim stash stremio
    sonarr radarr lidarr readarr prowlarr bazarr whisparr mylar3 lazylibrarian jackett nzbhydra2 autobrr cross-seed
    unpackerr recyclarr notifiarr buildarr profilarr maintainerr decluttarr cleanuparr cleanuperr checkrr huntarr
    exportarr autopulse autoscan omegabrr sabnzbd nzbget qbittorrent qbit-manage qbitmanage qui qbitrr flood
    rtorrent-flood rtorrent rutorrent deluge transmission aria2 pyload pyload-ng jdownloader-2 metube ytdl-sub
    youtubedl-material tubearchivist tubesync pinchflat overseerr jellyseerr seerr ombi petio requestrr doplarr
    wizarr jfa-go tautulli jellystat tracearr kometa plex-meta-manager pmm plextraktsync jellyplex-watched
    plexanisync plex-auto-languages plex-image-cleanup posterizarr agregarr titlecardmaker tdarr tdarr_node
    fileflows unmanic handbrake makemkv flaresolverr byparr theme-park theme.park threadfin xteve dispatcharr tunarr
    ersatztv channels-dvr iptv-proxy immich immich-server immich-machine-learning immich-proxy immich-web
    immich-microservices photoprism librephotos photoview piwigo lychee pigallery2 ente damselfly audiobookshelf
    booksonic calibre calibre-web calibre-web-automated kavita komga komf tachidesk suwayomi suwayomi-server readeck
    ubooquity bookbounty shelfmark shelfarr booklore navidrome gonic airsonic airsonic-advanced subsonic ampache
    funkwhale koel lms lyrion slskd soulseek bonob mopidy snapcast snapserver owntone music-assistant spotifyd
    spotube your_spotify your-spotify maloja multi-scrobbler beets tvheadend kyoo kyoo_front kyoo_back kyoo_scanner
    peertube owncast jellyfin-accounts invidious piped frigate frigate-notify scrypted viseron zoneminder shinobi
    motioneye go2rtc mediamtx double-take compreface doubletake bookorbit romm gaseous-server retroassembly
    emulatorjs lidatube soularr sonobarr audiomuse-ai mediamanager nzbdav decypharr zurg rdtclient riven plex-debrid
    mydia cwa-downloader calibre-web-automated-book-downloader stump plappa brrpolice cleanrr janitorr swaparr
    suggestarr listenarr chaptarr lazywarden jellysearch jfa intro-skipper plex-trakt-sync flexget pinepods
    podgrab podfetch gpodder
    """
)
HOME = _names(
    """
    home-assistant homeassistant home-assistant-matter-hub hass openhab homebridge hoobs domoticz node-red appdaemon
    zigbee2mqtt z2m zwave-js-ui zwavejs2mqtt zwave-js-server esphome deconz tasmoadmin tasmota-device-manager
    ring-mqtt rtl_433 rtlamr2mqtt ser2sock mosquitto eclipse-mosquitto mqttx-web mqtt-explorer valetudo valetudopng
    ecowitt2mqtt weewx govee2mqtt evcc teslamate teslafi tesla-http-proxy tesla_dashcam fusion-solar-proxy
    solaredge2mqtt matter-server python-matter-server otbr amazing-marvin whisper piper wyoming-whisper
    wyoming-piper wyoming-openwakeword faster-whisper openwakeword rhasspy unifi unifi-controller
    unifi-network-application unifi-os-server unifi-protect unifi-voucher-site omada-controller omada scrypted-nvr
    eufy-security-ws octoprint mainsail obico-server manyfold spoolman fluidd grocy mealie tandoor recipes
    recipesage kitchenowl cooklang homebox snipe-it lubelogger lubelog dawarich traccar owntracks adventurelog trek
    reitti wanderer fittrackee endurain workout-tracker sparkyfitness babybuddy monica bar-assistant salt-rim wger
    inventree part-db1 part-db partdb plantit grampsweb gramps-web webtrees upsnap fasten
    """
)
PRODUCTIVITY = _names(
    """
    nextcloud aio-nextcloud owncloud ocis opencloud seafile seafile-mc filebrowser filebrowser-quantum filerun
    sftpgo syncthing resilio-sync pydio collabora onlyoffice documentserver onlyoffice-documentserver paperless
    paperless-ngx paperless-ai paperless-gpt docspell mayan-edms papermerge teedy stirling-pdf s-pdf bentopdf
    gotenberg tika convertx pdfding vaultwarden bitwarden bitwarden-cli passbolt keeweb psono joplin-server
    obsidian-livesync silverbullet affine affine-graphql outline bookstack wikijs wiki dokuwiki mediawiki xwiki
    docmost trilium triliumnext trilium-notes memos hedgedoc codimd etherpad standardnotes flatnotes blinko appflowy
    appflowy_cloud notesnook-sync siyuan logseq linkding linkwarden karakeep hoarder shiori wallabag omnivore
    readflow archivebox grimoire raindrop betula slash shlink yourls kutt lynx freshrss miniflux tt-rss commafeed
    yarr rss-bridge rsshub rssbridge fivefilters-full-text-rss morss vikunja planka focalboard wekan kanboard
    taskcafe tududi donetick tasks.md super-productivity leantime plane openproject redmine taiga jira confluence
    youtrack baikal radicale xandikos davis davical actual actual-server actual-budget firefly-iii firefly
    firefly-iii-importer data-importer ghostfolio wallos paisa invoiceninja invoice-ninja crater kimai solidtime
    akaunting erpnext odoo dolibarr erpnext-nginx espocrm suitecrm twenty excalidraw drawio kroki plantuml-server
    penpot penpot-frontend tldraw privatebin hastebin pastefy microbin opengist snippet-box snippetbox pingvin-share
    pingvin-share-x palmr projectsend zipline chibisafe picoshare it-tools cyberchef omni-tools sharevb
    changedetection.io changedetection playwright browserless sockpuppetbrowser homepage homer homarr hajimari dashy
    heimdall flame organizr dasherr glance fenrus glanceapp huginn n8n activepieces automatisch windmill kestra
    node-red-contrib airflow apache-airflow temporal prefect dagster nocodb baserow appsmith budibase tooljet
    directus strapi grist nocobase pocketbase cups scanservjs printers calcom cal.com rallly schej.it docuseal
    documenso papra wastebin rustypaste jotty kan kanbn duplicati ferdium ferdium-server fossflow vert morphos
    inbox-zero pairdrop snapdrop localsend
    """
)
COMMUNICATION = _names(
    """
    ntfy gotify apprise apprise-api pushover mattermost mattermost-team-edition rocketchat rocket.chat zulip synapse
    matrix-synapse element-web element dendrite conduit conduwuit tuwunel continuwuity mautrix-whatsapp
    mautrix-signal mautrix-telegram mautrix-discord maubot cinny jitsi jitsi-meet jitsi-web bigbluebutton
    mumble-server mumble murmur teamspeak teamspeak3 mastodon pleroma akkoma gotosocial misskey pixelfed lemmy
    lemmy-ui piefed mbin pds bluesky discourse nodebb flarum phpbb thelounge znc soju quassel-core ergo convos gamja
    weechat docker-mailserver mailserver mailcow mailu stalwart mail-server stalwart-mail roundcube roundcubemail
    snappymail rainloop mailpit mailhog mailcatcher listmonk mautic simplelogin addy anonaddy addy.io imapsync
    postal freescout chatwoot zammad osticket libredesk uvdesk livekit livekit-server signal-cli-rest-api
    whatsapp-api waha telegram-bot-api redlib libreddit teddit nitter libmedium rimgo searxng searxng-redis searx
    whoogle whoogle-search 4get libretranslate lingva languagetool
    """
)
DEVELOPMENT = _names(
    """
    gitea forgejo gogs gitlab gitlab-ce gitlab-ee onedev soft-serve cgit jenkins jenkins-controller drone
    woodpecker-server concourse teamcity-server gocd bamboo sonarqube sonarqube-lts nexus nexus3
    nexus-repository-manager sonatype-nexus artifactory artifactory-oss jfrog-platform verdaccio pypiserver devpi
    gitness code-server coder openvscode-server jupyterhub jupyterlab jupyter vscode eclipse-che gitpod hoppscotch
    insomnia swagger-ui swagger-editor httpbin go-httpbin http-https-echo echo-server echoserver echo whoami podinfo
    hello-world httpecho webhook-tester wiremock mockserver backstage port-agent sentry glitchtip posthog plausible
    plausible-analytics umami matomo countly shynet ackee fathom goatcounter rybbit openpanel metabase superset
    redash lightdash trino presto mlflow kubeflow-pipelines label-studio argilla zenml feast unleash unleash-edge
    flagsmith growthbook hasura graphql-engine postgrest supabase appwrite parse-server nhost pgadmin pgadmin4
    adminer phpmyadmin mongo-express redisinsight redis-commander cloudbeaver sqlpad kafka-ui kafdrop akhq
    redpanda-console conduktor wordpress ghost drupal joomla typo3 hugo jekyll magento prestashop woocommerce
    shopware medusa bagisto moodle kolibri anki-sync-server netbox nautobot phpipam ipam rackula itop glpi ralph
    librenms oxidized mkdocs docusaurus grapesjs payload
    """
)
GAMES = _names(
    """
    minecraft minecraft-server minecraft-bedrock minecraft-bedrock-server mc-router minecraft-exporter bluemap itzg
    crafty crafty-4 pterodactyl pelican factorio valheim valheim-server satisfactory satisfactory-server palworld
    palworld-server-docker terraria tshock core-keeper enshrouded enshrouded-server vrising v-rising 7daystodie
    project-zomboid zomboid ark-server rust-server conan-exiles counter-strike cs2 csgo garrysmod steamcmd
    foundryvtt foundry-vtt sunshine games-on-whales lancache lancache-dns luanti minetest openttd openra
    vintagestory vintage-story veloren mindustry barotrauma dontstarvetogether assettoserver emulatorjs-server
    retroarch webretro free-games-claimer steamheadless gamevault gamevault-backend
    epicgames-freegames-node
    """
)
AI = _names(
    """
    ollama open-webui openwebui librechat lobe-chat anythingllm anything-llm localai local-ai litellm
    litellm-database llama-swap llama.cpp llama-cpp vllm vllm-openai text-generation-inference text-generation-webui
    koboldcpp lemonade-server sglang aphrodite tabbyapi tabby comfyui stable-diffusion stable-diffusion-webui
    automatic1111 invokeai sdnext fooocus flowise langflow langfuse langfuse-web dify dify-api dify-web ragflow khoj
    perplexica morphic chromadb chroma qdrant weaviate milvus letta mem0 open-interpreter openhands big-agi
    typingmind chatbot-ui speaches kokoro kokoro-fastapi kokoro-tts openedai-speech xtts-api-server bolt.diy
    gpt-researcher crawl4ai firecrawl mcpo context7 metamcp whishper
    """
)
OTHERS = _names(
    """
    atuin boinc folding-at-home foldingathome meshcentral rustdesk rustdesk-server guacamole guacd apache-guacamole
    kasm linuxserver-webtop webtop chromium tor torproxy monero monerod xmrig bitcoind bitcoin-core lnd electrs
    mempool nostr-relay strfry hledger-web beancount fava tpi-dash birdnet-go birdnet-pi ultrafeeder dump1090
    tar1090 readsb piaware fr24 adsb-ultrafeeder flightradar24 meilisearch typesense zincsearch thelia geoip-api
    nominatim osrm tileserver-gl protomaps teleirc soulmask invoiceplane ampache-web
    """
)
APPLICATIONS = MEDIA | HOME | PRODUCTIVITY | COMMUNICATION | DEVELOPMENT | GAMES | AI | OTHERS
