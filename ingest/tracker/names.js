// Commands by name. Those that only tell something need no more than that: `setCookiePath` keeps its value as
// `given.CookiePath`, which `getCookiePath` returns; `enable…` and `disable…` keep true and false. After some stands what
// holds as long as the page tells nothing.

/** How names of parameters begin that tell of a campaign. */
export const CAMPAIGN = "(?:mtm|matomo|pk|piwik|utm)_";

/** Of the commands that waited for this script, these come first, in this order. The site comes before anything that
 * could be stored, since its policy may forbid that. Some of them do more, and have functions of their own. */
export const FIRST =
  "setTrackerUrl setSiteId addTracker requireCookieConsent disableBrowserFeatureDetection disableCampaignParameters " +
  "disableCookies setSessionCookieTimeout=1800 setVisitorCookieTimeout=33955200 setCookieNamePrefix=_pk_ " +
  "setCookieSameSite=Lax setSecureCookie setCookiePath=/ setCookieDomain forgetCookieConsentGiven setDomains setUserId " +
  "enableLinkTracking setCookieConsentGiven requireConsent setConsentGiven setExcludedReferrers=.paypal.com" +
  (WHOLE
    ? " enableFileTracking setVisitorId setAPIUrl enableCrossDomainLinking setCrossDomainLinkingTimeout=180 alwaysUseSendBeacon " +
      "disableAlwaysUseSendBeacon disablePerformanceTracking setPagePerformanceTiming setExcludedQueryParams"
    : "");

/** These have no effect on others before them. */
export const LATER =
  " setCustomUrl setReferrerUrl setDocumentTitle setIgnoreClasses appendToTrackingUrl enableBrowserFeatureDetection " +
  "setReferralCookieTimeout=15768000 setDownloadExtensions=" +
  "7?z|aac|apk|ar[cj]|as[cfx]|avi|azw3|bin|t?[bgx]z2?|csv|deb|dmg|(doc|ppt|xls)x?|epub|exe|flv|gif|g?zip|hqx|ibooks|jar|jpe?g|js|" +
  "md5|mobi|mov(ie)?|mp\\w|mpeg|ms[ip]|od\\w|og[gv]|pdf|phps|png|qtm?|ra[mr]?|rpm|rtf|sea|sha\\d*|si[gt]|tar|torrent|txt|" +
  "wav|wm[av]|wpd|xml" +
  ` setCampaignNameKey=${CAMPAIGN}campaign,utm_source,utm_medium setCampaignKeywordKey=${CAMPAIGN}(?:kwd|term)` +
  (WHOLE
    ? " disableCrossDomainLinking discardHashTag setPageViewId setCustomData setLinkClasses setDownloadClasses " +
      "setConversionAttributionFirstReferrer setRequestMethod setRequestQueueInterval=2500 disableQueueRequest " +
      "storeCustomVariablesInCookie"
    : "");

/** Return the place of a command in the order of those that waited. */
export const rank = ([name]) => FIRST.indexOf(name) + 1 || FIRST.length;

/** Before this place stand commands that are for the first tracker alone. */
export const FOR_ALL = FIRST.indexOf("require");
